"""Encoders and decoders on random events, position by position."""

import random
from collections.abc import Callable
from typing import Any

import numpy as np
from magenta_serving import errors

from . import compare, families, table
from .pipeline import failure_of
from .reference import Failure


def _sizes(encoder: Any) -> tuple[int, Any]:
    """Input size and number of classes, a tuple for several heads."""
    classes = encoder.num_classes
    return encoder.input_size, tuple(classes) if isinstance(classes, (list, tuple)) else classes


def _random_label(rng: random.Random, classes: Any) -> Any:
    if isinstance(classes, (list, tuple)):
        return tuple(rng.randrange(size) for size in classes)
    return rng.randrange(classes)


def test_random_events(config: str, amount: Callable[[str], int], counts: table.Table) -> None:
    """Inputs, labels and decoded classes of random sequences."""
    from magenta_serving._servable import stages

    magenta = families.configs()[config]
    theirs, ours = magenta.encoder_decoder, stages.encoder(config)
    family = families.of_config(config)
    assert _sizes(ours) == _sizes(theirs)
    rng = random.Random(config)
    compared = 0
    while compared < amount("events"):
        events = family.random_events(rng, magenta, rng.randint(1, 130))
        controls = family.random_controls(rng, magenta, len(events) + 1)
        plain = [family.plain_event(event) for event in events]
        before = [] if controls is None else [controls]
        plain_before = [[family.plain_control(control) for control in row] for row in before]
        for position in range(len(events)):
            vector = np.array(theirs.events_to_input(*before, events, position), np.float32)
            mine = ours.events_to_input(*plain_before, plain, position)
            assert compare.same_bits(mine, vector), (
                *plain_before, plain, position, compare.array_difference(mine, vector))
            assert ours.events_to_label(plain, position) == theirs.events_to_label(
                events, position), (plain, position)
            label = _random_label(rng, theirs.num_classes)
            event = theirs.class_index_to_event(label, events[:position])
            assert ours.class_index_to_event(label, plain[:position]) == family.plain_event(
                event), (label, plain[:position])
        compared += len(events)
    counts.add(config, "encode", 2 * compared)
    counts.add(config, "decode", compared)


def _result(function: Callable, *arguments: Any) -> Any:
    try:
        return function(*arguments)
    except errors.ServableError as error:
        return failure_of(error).kind
    except Exception as error:
        return Failure.of(error).kind


def _vector(encoder: Any, *arguments: Any) -> np.ndarray:
    """The input vector as it is fed."""
    return np.array(encoder.events_to_input(*arguments), np.float32)


def test_strange_events(config: str) -> None:
    """Events at and beyond the bounds of the encoding: the same vector and label, or error."""
    from magenta_serving._servable import stages

    magenta = families.configs()[config]
    theirs, ours = magenta.encoder_decoder, stages.encoder(config)
    family = families.of_config(config)
    rng = random.Random(config)
    for events in family.strange_events(magenta):
        controls = family.random_controls(rng, magenta, len(events) + 1)
        before = [] if controls is None else [controls]
        plain_before = [[family.plain_control(control) for control in row] for row in before]
        plain, last = [family.plain_event(event) for event in events], len(events) - 1
        assert np.array_equal(_result(_vector, ours, *plain_before, plain, last),
                              _result(_vector, theirs, *before, events, last)), events
        assert _result(ours.events_to_label, plain, last) == _result(
            theirs.events_to_label, events, last), events
