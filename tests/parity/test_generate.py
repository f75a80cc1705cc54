"""Seeded and fixed generations: each stage and each result equals Magenta's, to the bit."""

import itertools
from collections.abc import Callable, Iterable

import pytest

from . import bundles, cases, families
from .pipeline import Pipeline

# Differences of one bundle are likely one cause: this many are told in full.
_REPORTED = 3
# A bundle gets this many commands for a hundred of its cases: they only differ in the request.
_COMMANDS_PER_CENT = 10


def _compare(pipeline: Pipeline, chosen: Iterable[cases.Case | cases.Command],
             wanted: int | None = None) -> None:
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


def _is_served(bundle: bundles.Bundle) -> bool:
    """Whether Magenta plays the bundle's numbered cases, if need be repaired."""
    if bundle.config == "none" or bundles.plays(bundle.config):
        return True
    family = families.of_config(bundle.config)
    return family.is_repaired(family.numbered_case(bundle.config, 0, bundle.name))


@pytest.mark.bundles(only=_is_served)
def test_numbered_cases(bundle: bundles.Bundle, open_pipeline: Callable,
                        portion: Callable[[bundles.Bundle], int]) -> None:
    """Cases by index, until the bundle's portion of them gave sequences."""
    pipeline = open_pipeline(bundle)
    numbered = (pipeline.family.numbered_case(bundle.config, index, bundle.name)
                for index in itertools.count())
    _compare(pipeline, numbered, portion(bundle))


@pytest.mark.bundles(only=lambda bundle: bundle.fixed)
def test_fixed_cases(bundle: bundles.Bundle, open_pipeline: Callable) -> None:
    """Cases by hand."""
    pipeline = open_pipeline(bundle)
    _compare(pipeline, pipeline.family.fixed_cases(bundle.config))


def test_commands(bundle: bundles.Bundle, open_pipeline: Callable,
                  portion: Callable[[bundles.Bundle], int]) -> None:
    """Runs of Magenta's command, against the signature `generate`, MIDI file included."""
    pipeline = open_pipeline(bundle)
    numbered = (pipeline.family.numbered_command(bundle.config, index, bundle.name)
                for index in itertools.count())
    part = 100 if not bundles.plays(bundle.config) else _COMMANDS_PER_CENT
    _compare(pipeline, numbered, max(2, portion(bundle) * part // 100))
