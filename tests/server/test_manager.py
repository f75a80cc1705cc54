"""The manager, with a loader that the tests control."""

import threading

import pytest

from magenta_serving.errors import DataLossError, NotFoundError
from magenta_serving.server.manager import MAX_ENDED, AspiredVersionsManager
from magenta_serving.server.states import ManagerState

TIMEOUT = 10


class Loader:
    """Loads the path itself as the servable; paths in `broken` fail, `gate` holds loads up."""

    def __init__(self):
        self.broken: dict[str, Exception] = {}
        self.gate = threading.Event()
        self.gate.set()
        self.loads: list[str] = []

    def __call__(self, path):
        self.loads.append(path)
        assert self.gate.wait(TIMEOUT)
        if path in self.broken:
            raise self.broken[path]
        return f"servable of {path}"


@pytest.fixture
def loader():
    return Loader()


@pytest.fixture
def manager(loader):
    manager = AspiredVersionsManager(loader)
    yield manager
    loader.gate.set()
    manager.close()


def aspire(manager, paths):
    manager.set_aspired_versions("m", paths)
    assert manager.wait_until_loaded(["m"], TIMEOUT)


def states(manager):
    return {state.id.version: state.manager_state.name for state in manager.states("m")}


def wait_for_state(manager, version, state):
    with manager._condition:
        assert manager._condition.wait_for(
            lambda: states(manager).get(version) == state, TIMEOUT), states(manager)


def test_load_and_acquire(manager):
    aspire(manager, {1: "one", 2: "two"})
    assert states(manager) == {2: "AVAILABLE", 1: "AVAILABLE"}
    assert [state.id.version for state in manager.states("m")] == [2, 1]
    with manager.acquire("m") as handle:
        assert (handle.id.version, handle.servable) == (2, "servable of two")
    with manager.acquire("m", 1) as handle:
        assert handle.servable == "servable of one"
    assert manager.available() == {"m": [1, 2]}


@pytest.mark.parametrize(("name", "version", "request_text"), [
    ("m", 7, r"Specific\(m, 7\)"), ("other", None, r"Latest\(other\)")])
def test_acquire_what_is_not_there(manager, name, version, request_text):
    aspire(manager, {1: "one"})
    with pytest.raises(NotFoundError, match=f"Servable not found for request: {request_text}"):
        manager.acquire(name, version)


def test_old_version_answers_while_the_new_one_loads(manager, loader):
    aspire(manager, {1: "one"})
    loader.gate.clear()
    manager.set_aspired_versions("m", {2: "two"})
    wait_for_state(manager, 2, "LOADING")
    with manager.acquire("m") as handle:
        assert handle.id.version == 1
    loader.gate.set()
    wait_for_state(manager, 1, "END")
    assert manager.acquire("m").id.version == 2


def test_unloading_waits_for_the_handles(manager):
    aspire(manager, {1: "one"})
    first, second = manager.acquire("m"), manager.acquire("m")
    manager.set_aspired_versions("m", {})
    assert states(manager) == {1: "UNLOADING"}
    with pytest.raises(NotFoundError):
        manager.acquire("m")
    first.release()
    first.release()
    assert states(manager) == {1: "UNLOADING"}
    assert second.servable == "servable of one"
    second.release()
    wait_for_state(manager, 1, "END")


def test_broken_version_is_kept_out(manager, loader):
    aspire(manager, {1: "one"})
    loader.broken["two"] = DataLossError("bad")
    aspire(manager, {2: "two"})
    assert states(manager) == {2: "END", 1: "AVAILABLE"}
    assert manager.states("m")[0].error is loader.broken["two"]
    # The same files are not tried again.
    aspire(manager, {2: "two"})
    assert loader.loads == ["one", "two"]


def test_broken_version_is_tried_again_when_its_files_change(manager, loader, tmp_path):
    path = str(tmp_path)
    loader.broken[path] = DataLossError("bad")
    aspire(manager, {1: path})
    (tmp_path / "a.mag").touch()
    aspire(manager, {1: path})
    assert states(manager) == {1: "END"}
    del loader.broken[path]
    (tmp_path / "a.mag").write_text("more")
    aspire(manager, {1: path})
    assert states(manager) == {1: "AVAILABLE"}
    assert manager.states("m")[0].error is None
    assert len(loader.loads) == 3


def test_unexpected_exception_of_a_loader(manager, loader):
    loader.broken["one"] = RuntimeError("oops")
    aspire(manager, {1: "one"})
    error = manager.states("m")[0].error
    assert (error.code, error.message) == ("INTERNAL", "RuntimeError: oops")


def test_version_that_comes_back_while_it_goes(manager, loader):
    aspire(manager, {1: "one"})
    handle = manager.acquire("m")
    manager.set_aspired_versions("m", {})
    manager.set_aspired_versions("m", {1: "one"})
    assert states(manager) == {1: "UNLOADING"}
    handle.release()
    wait_for_state(manager, 1, "AVAILABLE")
    assert loader.loads == ["one", "one"]


def test_version_that_comes_back_later(manager, loader):
    aspire(manager, {1: "one"})
    manager.set_aspired_versions("m", {})
    wait_for_state(manager, 1, "END")
    aspire(manager, {1: "one"})
    assert states(manager) == {1: "AVAILABLE"}


def test_version_that_is_not_wanted_any_more_when_it_is_loaded(manager, loader):
    loader.gate.clear()
    manager.set_aspired_versions("m", {1: "one"})
    manager.set_aspired_versions("m", {2: "two"})
    loader.gate.set()
    wait_for_state(manager, 2, "AVAILABLE")
    wait_for_state(manager, 1, "END")


def test_changes_are_told(loader):
    seen = []
    manager = AspiredVersionsManager(loader, on_change=lambda: seen.append(states(manager)))
    aspire(manager, {1: "one"})
    manager.close()
    assert seen == [{1: "LOADING"}, {1: "AVAILABLE"}]


def test_close_ends_waits(manager, loader):
    loader.gate.clear()
    manager.set_aspired_versions("m", {1: "one", 2: "two"})
    closer = threading.Thread(target=manager.close)
    closer.start()
    assert manager.wait_until_loaded(["m"], TIMEOUT)
    loader.gate.set()
    closer.join(TIMEOUT)
    assert not closer.is_alive()


def test_states_have_the_numbers_of_the_api():
    from magenta_serving import protos

    assert {state.name: int(state) for state in ManagerState} == {
        name: number for name, number in protos.ModelVersionStatus.State.items()
        if name != "UNKNOWN"}


def test_states_of_the_last_versions_are_kept(manager):
    versions = range(1, MAX_ENDED + 6)
    for version in versions:
        aspire(manager, {version: f"number {version}"})
    manager.set_aspired_versions("m", {})
    for _ in range(2):
        wait_for_state(manager, versions[-1], "END")
        manager.set_aspired_versions("m", {})
    assert sorted(states(manager)) == list(versions)[-MAX_ENDED:]
