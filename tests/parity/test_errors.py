"""Every validation error of Magenta's generators, by name."""

from collections.abc import Callable

import pytest

from . import bundles, pipeline
from .errors import Expected


def test_error(config: str, expected: Expected, open_pipeline: Callable) -> None:
    """Magenta raises what the family's table says, and the servable the same, by name."""
    opened = open_pipeline(bundles.first_of(config))
    case = expected.case()
    theirs = opened.reference.generate(case).failure
    assert theirs and theirs.kind == expected.kind, theirs
    ours = pipeline.generate(opened.servable, case).failure
    assert ours and ours.kind == theirs.kind, (ours, theirs)
    assert not expected.text or not theirs.text or ours.text == theirs.text


@pytest.mark.configs(only=lambda name: not bundles.plays(name))
def test_what_never_plays(config: str, open_pipeline: Callable) -> None:
    """Where Magenta always fails, `generate_sequence` fails alike."""
    opened = open_pipeline(bundles.first_of(config))
    for index in range(20):
        case = opened.family.numbered_case(config, index, f"unrepaired/{config}")
        theirs = opened.reference.generate(case).failure
        assert theirs, case
        ours = pipeline.generate(opened.servable, case).failure
        assert pipeline.same_failure(ours, theirs), (ours, theirs, case)
