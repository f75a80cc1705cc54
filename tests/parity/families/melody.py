"""The melody family: basic_rnn, mono_rnn, lookback_rnn and attention_rnn."""

from collections.abc import Iterator
from typing import Any
from unittest import mock

import note_seq
from hypothesis.strategies import SearchStrategy
from magenta.models.melody_rnn import melody_rnn_model, melody_rnn_sequence_generator
from magenta.pipelines import melody_pipelines

from .. import cases

_NO_EVENT, _NOTE_OFF = note_seq.MELODY_NO_EVENT, note_seq.MELODY_NOTE_OFF


class Melody:
    """What the comparison has to know of the family.

    Attributes:
        name: of the family.
        stages: names of the compared stages, in the order in which a request passes them.
        generator_module: Magenta's module with the family's generator map.
    """

    name = "melody"
    stages = ("quantize", "extract", "squash", "encode", "step", "sample", "score", "decode",
              "end-to-end")
    generator_module = melody_rnn_sequence_generator.__name__

    def configs(self) -> dict[str, Any]:
        """Magenta's configs by id."""
        return melody_rnn_model.default_configs

    def generator_map(self) -> dict[str, Any]:
        """Magenta's generator classes by config id."""
        return melody_rnn_sequence_generator.get_generator_map()

    def generator(self, config: Any, checkpoint: str) -> Any:
        """Magenta's generator of a config that isn't one of the defaults, from a checkpoint."""
        return melody_rnn_sequence_generator.MelodyRnnSequenceGenerator(
            melody_rnn_model.MelodyRnnModel(config), config.details,
            steps_per_quarter=config.steps_per_quarter, checkpoint=checkpoint)

    def numbered_case(self, index: int, salt: str) -> cases.Case:
        """Case number `index` of the bundle named `salt`."""
        return cases.numbered(index, salt)

    def fixed_cases(self) -> list[cases.Case]:
        """Cases by hand."""
        return cases.fixed()

    def requests(self) -> SearchStrategy[cases.Case]:
        """Hypothesis' strategy of cases."""
        return cases.requests()

    def sustaining_classes(self, config: Any) -> dict[int, float]:
        """Biases of classes that sustain notes, end them or repeat: musical lengths come out."""
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
        """Patches that note the calls of the family's own stages in `trace`."""
        def events_of(melody: note_seq.Melody, *args: Any, **kwargs: Any) -> Any:
            return list(melody), args

        def described(melodies: Any, *args: Any, **kwargs: Any) -> list[dict[str, Any]]:
            return [description(melody) for melody in melodies[0]]

        yield mock.patch.object(
            note_seq, "quantize_note_sequence", trace.wrap(
                "quantize", note_seq.quantize_note_sequence,
                lambda sequence, spq: (serialized(sequence), spq),
                lambda quantized, *args: serialized(quantized)))
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
                lambda melody, qpm: (description(melody), qpm),
                lambda sequence, *args, **kwargs: serialized(sequence)))

    def evaluate(self, stages: Any, stage: str, arguments: Any) -> Any:
        """The servable's result of one of the stages that `recorders` notes."""
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

    def random_events(self, random: Any, config: Any, length: int) -> list[int]:
        """Melody events within the config's range: phrases, holds, rests and repeated bars."""
        events: list[int] = []
        while len(events) < length:
            kind = random.random()
            if kind < 0.2 and len(events) >= 16:
                distance = random.choice((16, 32))
                events += events[-distance:][:random.randint(1, 16)]
            elif kind < 0.3:
                events += [_NOTE_OFF] + [_NO_EVENT] * random.randint(0, 6)
            else:
                pitch = random.randint(config.min_note, config.max_note - 1)
                events += [pitch] + [_NO_EVENT] * random.choice((0, 0, 1, 1, 3, 7))
        return events[:length]


def description(melody: note_seq.Melody) -> dict[str, Any]:
    """The fields of a melody."""
    return {"events": [int(event) for event in melody], "start_step": melody.start_step,
            "steps_per_bar": melody.steps_per_bar, "steps_per_quarter": melody.steps_per_quarter}


def serialized(sequence: note_seq.NoteSequence) -> bytes:
    """The bytes that equal sequences share."""
    return sequence.SerializeToString(deterministic=True)
