"""The policy that decides what to load and unload."""

import pytest

from magenta_serving.server.states import Action, AspiredState, ManagerState, next_action

START, LOADING, AVAILABLE, UNLOADING, END = ManagerState


@pytest.mark.parametrize(("versions", "expected"), [
    ([], None),
    ([(1, START, True)], (Action.LOAD, 1)),
    # The highest first.
    ([(1, START, True), (2, START, True)], (Action.LOAD, 2)),
    ([(1, LOADING, True)], None),
    # The old version stays until the new one is there.
    ([(1, AVAILABLE, False), (2, START, True)], (Action.LOAD, 2)),
    ([(1, AVAILABLE, False), (2, LOADING, True)], None),
    ([(1, AVAILABLE, False), (2, AVAILABLE, True)], (Action.UNLOAD, 1)),
    ([(1, UNLOADING, False), (2, AVAILABLE, True)], None),
    # A version that failed does not drive out the old one.
    ([(1, AVAILABLE, False), (2, END, True)], None),
    # But one old version is enough.
    ([(1, AVAILABLE, False), (2, AVAILABLE, False), (3, END, True)], (Action.UNLOAD, 1)),
    # A model that is not wanted at all goes.
    ([(1, AVAILABLE, False)], (Action.UNLOAD, 1)),
    ([(1, START, False)], None),
    ([(1, END, False), (2, END, True)], None),
])
def test_next_action(versions, expected):
    assert next_action(AspiredState(*version) for version in versions) == expected
