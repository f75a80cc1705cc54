"""The polyphony family, which has one config: polyphony."""

import dataclasses
import random
from collections.abc import Iterator
from typing import Any
from unittest import mock

import note_seq
from hypothesis.strategies import SearchStrategy
from magenta.models.polyphony_rnn import (
    polyphony_lib,
    polyphony_model,
    polyphony_sequence_generator,
)

from .. import cases, recipes
from ..errors import Expected
from ..recipes import Recipe
from . import polyphony_cases
from .family import Family, Scored, serialized

_Event = polyphony_lib.PolyphonicEvent
# Pitches that seeded weights prefer, so that notes are continued and started again.
_FAVOURITES = (48, 55, 60, 64, 67, 0, 127)


class Polyphony(Family):
    """Simultaneous notes: events for each note in each 16th, and for the 16th's end."""

    name = "polyphony"
    stages = ("quantize", "extract", "length", "encode", "step", "sample", "score", "decode",
              "end-to-end")
    generator_module = polyphony_sequence_generator
    command_module = "magenta.models.polyphony_rnn.polyphony_rnn_generate"
    generations = (40, 300)

    def configs(self) -> dict[str, Any]:
        return polyphony_model.default_configs

    def generator(self, config: Any, **source: Any) -> Any:
        return polyphony_sequence_generator.PolyphonyRnnSequenceGenerator(
            polyphony_model.PolyphonyRnnModel(config), config.details,
            steps_per_quarter=config.steps_per_quarter, **source)

    def recipes(self, name: str) -> list[Recipe]:
        # Where the end of a step is unlikely, be it by even weights, strong ones or the unbounded
        # outputs of seeded attention, Magenta's loop takes thousands of events or has no end.
        ending = [dataclasses.replace(recipe, sharpness=min(recipe.sharpness, 2.0))
                  for recipe in recipes.standard(name, full_size={"batch_size": 1})
                  if recipe.biases is None and recipe.variant != "attn40"]
        # For each event, Magenta copies a long sequence for each row that fills a batch.
        return [dataclasses.replace(recipe, share=max(1, recipe.share // 2))
                if recipe.hparams["batch_size"] > 1 else recipe for recipe in ending]

    def numbered_case(self, name: str, index: int, salt: str) -> cases.Case:
        rng = random.Random(f"{salt}/{index}")
        sequence, options = polyphony_cases.request(rng)
        return cases.Case.of(sequence, options, cases.seed(rng), f"numbered({index}, {salt!r})")

    def fixed_cases(self, name: str) -> list[cases.Case]:
        return polyphony_cases.fixed()

    def requests(self, name: str) -> SearchStrategy[cases.Case]:
        return polyphony_cases.requests()

    def numbered_command(self, name: str, index: int, salt: str) -> cases.Command:
        return polyphony_cases.command(
            random.Random(f"{salt}/command/{index}"), f"command({index}, {salt!r})")

    def errors(self, name: str) -> tuple[Expected, ...]:
        return polyphony_cases.ERRORS

    def sustaining_classes(self, config: Any) -> dict[int, float]:
        encode = config.encoder_decoder._one_hot_encoding.encode_event
        biases = {encode(_Event(_Event.STEP_END, None)): 6.0, encode(_Event(_Event.END, None)): 2.0}
        for pitch in _FAVOURITES:
            biases[encode(_Event(_Event.NEW_NOTE, pitch))] = 3.0
            biases[encode(_Event(_Event.CONTINUED_NOTE, pitch))] = 4.5
        return biases

    def recorders(self, trace: Any) -> Iterator[Any]:
        sequence_class = polyphony_lib.PolyphonicSequence
        yield self.recorded_quantization(trace)
        yield mock.patch.object(
            polyphony_lib, "extract_polyphonic_sequences", trace.wrap(
                "extract", polyphony_lib.extract_polyphonic_sequences,
                lambda quantized, start_step: (serialized(quantized), start_step),
                lambda extracted, *args, **kwargs:
                    self._plain(extracted[0][0]) if extracted[0] else None))
        yield mock.patch.object(
            sequence_class, "set_length", trace.wrap(
                "length", sequence_class.set_length,
                lambda sequence, steps: (self._plain(sequence), steps),
                lambda _, sequence, steps: self._plain(sequence)))
        yield mock.patch.object(
            sequence_class, "to_sequence", trace.wrap(
                "decode", sequence_class.to_sequence,
                lambda sequence, qpm, base_note_sequence=None: (
                    self._plain(sequence), sequence.start_step, qpm,
                    base_note_sequence and serialized(base_note_sequence)),
                lambda made, *args, **kwargs: serialized(made)))

    def evaluate(self, stages: Any, stage: str, arguments: Any) -> Any:
        return {"quantize": stages.quantize_note_sequence,
                "extract": stages.extract_polyphonic_sequence,
                "length": stages.set_polyphonic_length,
                "decode": stages.polyphonic_to_sequence}[stage](*arguments)

    def plain_event(self, event: Any) -> tuple[int, int | None]:
        return event.event_type, event.pitch

    def _plain(self, sequence: Any) -> list[tuple[int, int | None]]:
        return [self.plain_event(event) for event in sequence]

    def random_events(self, rng: random.Random, config: Any, length: int) -> list[Any]:
        """Events as those of notes, which have no pitch where they are no note, or as drawn."""
        events = [_Event(_Event.START, None)]
        encoding = config.encoder_decoder._one_hot_encoding
        while len(events) < length:
            kind = rng.random()
            if kind < 0.2:
                events.append(_Event(_Event.STEP_END, rng.choice((None, 0))))
            elif kind < 0.6:
                events.append(encoding.decode_event(rng.randrange(encoding.num_classes)))
            else:
                events.append(_Event(rng.choice((_Event.NEW_NOTE, _Event.CONTINUED_NOTE)),
                                     rng.choice(_FAVOURITES)))
        return events[:length]

    def strange_events(self, config: Any) -> list[list[Any]]:
        start = _Event(_Event.START, None)
        return [[start, _Event(event_type, pitch)] for event_type, pitch in (
            (_Event.START, 5), (_Event.END, 127), (_Event.NEW_NOTE, 0), (_Event.NEW_NOTE, 127),
            (_Event.CONTINUED_NOTE, 0), (_Event.CONTINUED_NOTE, 127), (_Event.NEW_NOTE, None))]

    def scored(self, rng: random.Random, config: Any, length: int) -> Scored:
        sequence = note_seq.NoteSequence(ticks_per_quarter=note_seq.STANDARD_PPQ)
        if length > 2:
            polyphony_cases.chords(rng, sequence, length // 4 + 1, 0.125)
        sequence.total_time = max((note.end_time for note in sequence.notes), default=0.0)
        quantized = note_seq.quantize_note_sequence(sequence, config.steps_per_quarter)
        (extracted,), _ = polyphony_lib.extract_polyphonic_sequences(quantized)
        return Scored({"sequence_bytes": serialized(sequence)},
                      lambda model: model.polyphonic_sequence_log_likelihood(extracted),
                      len(extracted) - 1)
