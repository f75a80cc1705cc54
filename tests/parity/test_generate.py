"""Seeded and fixed generations: each stage and each result equals Magenta's, to the bit."""

import itertools
import math
from collections.abc import Callable, Iterable

import pytest

from . import bundles, cases
from .pipeline import Pipeline

_BUNDLES = [*bundles.made(), *bundles.real(), *bundles.demo()]
# Differences of one bundle are likely one cause: this many are told in full.
_REPORTED = 3


def _compare(pipeline: Pipeline, chosen: Iterable[cases.Case], wanted: int | None = None) -> None:
    """Compares cases, until `wanted` of them gave sequences if that is given."""
    failed, compared, made = [], 0, 0
    for case in chosen:
        comparison = pipeline.compare(case)
        compared += 1
        made += comparison.made_sequence
        if comparison.differences:
            failed.append((case, comparison.differences))
        if made == wanted:
            break
    reports = [pipeline.report(case, differences) for case, differences in failed[:_REPORTED]]
    assert not failed, f"{len(failed)} of {compared} cases differ\n" + "\n\n".join(reports)


def _portion(bundle: bundles.Bundle, per_config: int) -> int:
    total = sum(other.share for other in _BUNDLES if other.config == bundle.config)
    return math.ceil(per_config * bundle.share / total)


@pytest.mark.parametrize("bundle", _BUNDLES, ids=lambda bundle: bundle.name)
def test_numbered_cases(bundle: bundles.Bundle, open_pipeline: Callable,
                        amount: Callable[[str], int]) -> None:
    """Cases by index, until the bundle's portion of them gave sequences."""
    pipeline = open_pipeline(bundle)
    numbered = (pipeline.reference.family.numbered_case(index, bundle.name)
                for index in itertools.count())
    _compare(pipeline, numbered, _portion(bundle, amount("generations")))


@pytest.mark.parametrize("bundle", [
    bundle for bundle in _BUNDLES if bundle.batch_size <= 4 and "functional" not in bundle.name
    and ("b1" in bundle.name or "b4" in bundle.name or bundle.origin != "made")],
    ids=lambda bundle: bundle.name)
def test_fixed_cases(bundle: bundles.Bundle, open_pipeline: Callable) -> None:
    """Cases by hand."""
    pipeline = open_pipeline(bundle)
    _compare(pipeline, pipeline.reference.family.fixed_cases())
