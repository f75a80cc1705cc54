"""The melody family: basic_rnn, mono_rnn, lookback_rnn and attention_rnn."""

import random
from collections.abc import Iterator
from typing import Any
from unittest import mock

import note_seq
from hypothesis.strategies import SearchStrategy
from magenta.models.melody_rnn import melody_rnn_model, melody_rnn_sequence_generator
from magenta.pipelines import melody_pipelines

from .. import cases, recipes
from ..errors import Expected
from ..recipes import Recipe
from . import melody_cases
from .family import Family, Scored, serialized

_NO_EVENT, _NOTE_OFF = note_seq.MELODY_NO_EVENT, note_seq.MELODY_NOTE_OFF


class Melody(Family):
    """Melodies: an event for each 16th."""

    name = "melody"
    stages = ("quantize", "extract", "squash", "encode", "step", "sample", "score", "decode",
              "end-to-end")
    generator_module = melody_rnn_sequence_generator
    command_module = "magenta.models.melody_rnn.melody_rnn_generate"

    def configs(self) -> dict[str, Any]:
        return melody_rnn_model.default_configs

    def generator(self, config: Any, **source: Any) -> Any:
        return melody_rnn_sequence_generator.MelodyRnnSequenceGenerator(
            melody_rnn_model.MelodyRnnModel(config), config.details,
            steps_per_quarter=config.steps_per_quarter, **source)

    def recipes(self, name: str) -> list[Recipe]:
        made = recipes.standard(name, self.configs()[name].hparams.attn_length)
        return made + recipes.cudnn(name) if name == "basic_rnn" else made

    def numbered_case(self, name: str, index: int, salt: str) -> cases.Case:
        rng = random.Random(f"{salt}/{index}")
        sequence, qpm = cases.primer(rng)
        options = cases.options(rng, sequence, qpm)
        return cases.Case.of(sequence, options, cases.seed(rng), f"numbered({index}, {salt!r})")

    def fixed_cases(self, name: str) -> list[cases.Case]:
        return melody_cases.fixed()

    def requests(self, name: str) -> SearchStrategy[cases.Case]:
        return cases.requests()

    def numbered_command(self, name: str, index: int, salt: str) -> cases.Command:
        return melody_cases.command(
            random.Random(f"{salt}/command/{index}"), f"command({index}, {salt!r})")

    def errors(self, name: str) -> tuple[Expected, ...]:
        return melody_cases.ERRORS if name in ("basic_rnn", "attention_rnn") else ()

    def sustaining_classes(self, config: Any) -> dict[int, float]:
        encoder = config.encoder_decoder
        pitches = config.max_note - config.min_note
        if encoder.default_event_label == 0:
            biases = {0: 6.0, 1: 3.0}
        else:
            biases = {pitches: 6.0, pitches + 1: 3.0}
        # Classes beyond pitches, no event and note off repeat the event of a bar or two before.
        biases.update({index: 4.0 for index in range(pitches + 2, encoder.num_classes)})
        return biases

    def recorders(self, trace: Any) -> Iterator[Any]:
        def events_of(melody: note_seq.Melody, *args: Any, **kwargs: Any) -> Any:
            return list(melody), args

        def described(melodies: Any, *args: Any, **kwargs: Any) -> list[dict[str, Any]]:
            return [description(melody) for melody in melodies[0]]

        yield self.recorded_quantization(trace)
        yield mock.patch.object(
            melody_pipelines, "extract_melodies", trace.wrap(
                "extract", melody_pipelines.extract_melodies,
                lambda quantized, search_start_step, **_: (serialized(quantized),
                                                           search_start_step), described))
        yield mock.patch.object(
            note_seq.Melody, "squash", trace.wrap(
                "squash", note_seq.Melody.squash, events_of,
                lambda amount, melody, *args: (list(melody), amount)))
        yield mock.patch.object(
            note_seq.Melody, "to_sequence", trace.wrap(
                "decode", note_seq.Melody.to_sequence,
                lambda melody, qpm, **_: (description(melody), qpm),
                lambda sequence, *args, **kwargs: serialized(sequence)))

    def evaluate(self, stages: Any, stage: str, arguments: Any) -> Any:
        if stage == "quantize":
            return stages.quantize_note_sequence(*arguments)
        if stage == "extract":
            return [dict(melody, events=list(melody["events"]))
                    for melody in stages.extract_melodies(*arguments)]
        if stage == "squash":
            events, (min_note, max_note, transpose_to_key) = arguments
            squashed, amount = stages.squash_melody(events, min_note, max_note, transpose_to_key)
            return list(squashed), amount
        melody, qpm = arguments
        return stages.melody_to_sequence(
            melody["events"], melody["start_step"], melody["steps_per_bar"],
            melody["steps_per_quarter"], qpm)

    def random_events(self, rng: random.Random, config: Any, length: int) -> list[int]:
        """Melody events within the config's range: phrases, holds, rests and repeated bars."""
        events: list[int] = []
        while len(events) < length:
            kind = rng.random()
            if kind < 0.2 and len(events) >= 16:
                distance = rng.choice((16, 32))
                events += events[-distance:][:rng.randint(1, 16)]
            elif kind < 0.3:
                events += [_NOTE_OFF] + [_NO_EVENT] * rng.randint(0, 6)
            else:
                pitch = rng.randint(config.min_note, config.max_note - 1)
                events += [pitch] + [_NO_EVENT] * rng.choice((0, 0, 1, 1, 3, 7))
        return events[:length]

    def strange_events(self, config: Any) -> list[list[int]]:
        return [[60, _NO_EVENT, event] for event in (-3, 0, 47, 84, 127, 128)]

    def scored(self, rng: random.Random, config: Any, length: int) -> Scored:
        melody = note_seq.Melody(self.random_events(rng, config, length))
        return Scored({"melody": str(list(melody))},
                      lambda model: model.melody_log_likelihood(melody), length - 1)


def description(melody: note_seq.Melody) -> dict[str, Any]:
    """The fields of a melody."""
    return {"events": [int(event) for event in melody], "start_step": melody.start_step,
            "steps_per_bar": melody.steps_per_bar, "steps_per_quarter": melody.steps_per_quarter}
