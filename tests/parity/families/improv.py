"""The improv family, melodies over chords: basic_improv, attention_improv and
chord_pitches_improv."""

import random
from collections.abc import Iterator, Sequence
from typing import Any
from unittest import mock

import note_seq
from hypothesis.strategies import SearchStrategy
from magenta.models.improv_rnn import improv_rnn_model, improv_rnn_sequence_generator
from magenta.pipelines import chord_pipelines

from .. import cases, repairs
from ..errors import Expected
from ..repairs import Repair
from . import improv_cases
from .family import Scored, serialized
from .melody import Melody


class Improv(Melody):
    """Melodies whose events are conditioned on the chord of the next step."""

    name = "improv"
    stages = ("quantize", "extract", "chords", "squash", "encode", "step", "sample", "score",
              "decode", "end-to-end")
    generator_module = improv_rnn_sequence_generator
    command_module = "magenta.models.improv_rnn.improv_rnn_generate"

    def configs(self) -> dict[str, Any]:
        return improv_rnn_model.default_configs

    def generator(self, config: Any, **source: Any) -> Any:
        return improv_rnn_sequence_generator.ImprovRnnSequenceGenerator(
            improv_rnn_model.ImprovRnnModel(config), config.details,
            steps_per_quarter=config.steps_per_quarter, **source)

    def repairs(self, name: str) -> Sequence[Repair]:
        return (repairs.SECTION_END, repairs.CHORD_ALIGNMENT)

    def numbered_case(self, name: str, index: int, salt: str) -> cases.Case:
        return improv_cases.numbered(
            random.Random(f"{salt}/{index}"), any_kind(name), f"numbered({index}, {salt!r})")

    def fixed_cases(self, name: str) -> list[cases.Case]:
        return improv_cases.fixed()

    def requests(self, name: str) -> SearchStrategy[cases.Case]:
        return improv_cases.requests()

    def numbered_command(self, name: str, index: int, salt: str) -> cases.Command:
        return improv_cases.command(random.Random(f"{salt}/command/{index}"), any_kind(name),
                                    f"command({index}, {salt!r})")

    def errors(self, name: str) -> tuple[Expected, ...]:
        return improv_cases.ERRORS if any_kind(name) else (
            *improv_cases.ERRORS, *improv_cases.TRIAD_ERRORS)

    def recorders(self, trace: Any) -> Iterator[Any]:
        yield from super().recorders(trace)
        yield mock.patch.object(
            chord_pipelines, "extract_chords", trace.wrap(
                "chords", chord_pipelines.extract_chords,
                lambda quantized: (serialized(quantized),),
                lambda extracted, *args: description(extracted[0][0])))
        yield mock.patch.object(
            note_seq.ChordProgression, "to_sequence", trace.wrap(
                "decode", note_seq.ChordProgression.to_sequence,
                lambda chords, sequence_start_time, qpm: (list(chords), sequence_start_time, qpm),
                lambda sequence, *args, **kwargs: serialized(sequence)))

    def evaluate(self, stages: Any, stage: str, arguments: Any) -> Any:
        if stage == "chords":
            chords = stages.extract_chords(*arguments)
            return dict(chords, events=list(chords["events"]))
        if stage == "decode" and len(arguments) == 3:
            return stages.chords_to_sequence(*arguments)
        return super().evaluate(stages, stage, arguments)

    def random_controls(self, rng: random.Random, config: Any, length: int) -> list[str]:
        chords: list[str] = []
        while len(chords) < length:
            chords += [improv_cases.chord(rng, any_kind(config.details.id))] * rng.randint(1, 8)
        return chords[:length]

    def scored(self, rng: random.Random, config: Any, length: int) -> Scored:
        melody = note_seq.Melody(self.random_events(rng, config, length))
        chords = self.random_controls(rng, config, length + rng.choice((0, 0, 5)))
        return Scored(
            {"melody": str(list(melody)), "backing_chords": " ".join(chords),
             "steps_per_chord": 1},
            lambda model: model.melody_log_likelihood(
                melody, note_seq.ChordProgression(list(chords))), length - 1)


def any_kind(name: str) -> bool:
    """Whether a config encodes chords of all kinds, not only those on a triad."""
    return name == "chord_pitches_improv"


def description(chords: note_seq.ChordProgression) -> dict[str, Any]:
    """The fields of a chord progression."""
    return {"events": list(chords), "start_step": chords.start_step, "end_step": chords.end_step,
            "steps_per_bar": chords.steps_per_bar, "steps_per_quarter": chords.steps_per_quarter}
