"""Encoders and decoders on random events, position by position."""

import random
from collections.abc import Callable

import numpy as np
import pytest
from magenta_serving import errors

from . import compare, families, table


@pytest.mark.parametrize("config", families.configs())
def test_random_events(config: str, amount: Callable[[str], int], counts: table.Table) -> None:
    """Inputs, labels and decoded classes of random melodies."""
    from magenta_serving._servable import stages

    magenta = families.configs()[config]
    theirs, ours = magenta.encoder_decoder, stages.encoder(config)
    family = families.of_config(config)
    assert (ours.input_size, ours.num_classes) == (theirs.input_size, theirs.num_classes)
    rng = random.Random(config)
    compared = 0
    while compared < amount("events"):
        events = family.random_events(rng, magenta, rng.randint(1, 130))
        for position in range(len(events)):
            vector = np.array(theirs.events_to_input(events, position), np.float32)
            mine = ours.events_to_input(events, position)
            assert compare.same_bits(mine, vector), (
                events, position, compare.array_difference(mine, vector))
            assert ours.events_to_label(events, position) == theirs.events_to_label(
                events, position), (events, position)
            index = rng.randrange(theirs.num_classes)
            past = events[:position]
            assert ours.class_index_to_event(index, past) == theirs.class_index_to_event(
                index, past), (index, past)
        compared += len(events)
    counts.add(config, "encode", 2 * compared)
    counts.add(config, "decode", compared)


@pytest.mark.parametrize("config", families.configs())
@pytest.mark.parametrize("event", (-3, 0, 47, 84, 127, 128))
def test_events_out_of_range(config: str, event: int) -> None:
    """Events outside of the encoding: the same vector and label, or the same error."""
    from magenta_serving._servable import stages

    theirs, ours = families.configs()[config].encoder_decoder, stages.encoder(config)
    events = [60, -2, event]
    for method in ("events_to_input", "events_to_label"):
        try:
            expected = getattr(theirs, method)(events, 2)
        except Exception as error:
            with pytest.raises(errors.ServableError) as raised:
                getattr(ours, method)(events, 2)
            assert raised.value.kind == type(error).__name__
        else:
            assert np.array_equal(getattr(ours, method)(events, 2), expected)
