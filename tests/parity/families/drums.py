"""The drums family: one_drum and drum_kit."""

import random
from collections.abc import Iterator
from typing import Any
from unittest import mock

import note_seq
from hypothesis.strategies import SearchStrategy
from magenta.models.drums_rnn import drums_rnn_model, drums_rnn_sequence_generator
from magenta.pipelines import drum_pipelines

from .. import cases, recipes
from ..errors import Expected
from ..recipes import Recipe
from . import drums_cases
from .family import Family, Scored, serialized


class Drums(Family):
    """Drum tracks: a set of pitches for each 16th, or 8th with one_drum."""

    name = "drums"
    stages = ("quantize", "extract", "copy", "encode", "step", "sample", "score", "decode",
              "end-to-end")
    generator_module = drums_rnn_sequence_generator
    command_module = "magenta.models.drums_rnn.drums_rnn_generate"

    def configs(self) -> dict[str, Any]:
        return drums_rnn_model.default_configs

    def generator(self, config: Any, **source: Any) -> Any:
        return drums_rnn_sequence_generator.DrumsRnnSequenceGenerator(
            drums_rnn_model.DrumsRnnModel(config), config.details,
            steps_per_quarter=config.steps_per_quarter, **source)

    def recipes(self, name: str) -> list[Recipe]:
        return recipes.standard(name, self.configs()[name].hparams.attn_length)

    def numbered_case(self, name: str, index: int, salt: str) -> cases.Case:
        rng = random.Random(f"{salt}/{index}")
        steps_per_quarter = self.configs()[name].steps_per_quarter
        sequence, qpm = drums_cases.primer(rng, steps_per_quarter)
        options = cases.options(rng, sequence, qpm, steps_per_quarter)
        return cases.Case.of(sequence, options, cases.seed(rng), f"numbered({index}, {salt!r})")

    def fixed_cases(self, name: str) -> list[cases.Case]:
        return drums_cases.fixed()

    def requests(self, name: str) -> SearchStrategy[cases.Case]:
        return cases.requests(self.configs()[name].steps_per_quarter)

    def numbered_command(self, name: str, index: int, salt: str) -> cases.Command:
        return drums_cases.command(
            random.Random(f"{salt}/command/{index}"), f"command({index}, {salt!r})")

    def errors(self, name: str) -> tuple[Expected, ...]:
        several_tracks = drums_cases.several_tracks(self.configs()[name].steps_per_quarter)
        return (*drums_cases.ERRORS, several_tracks)

    def sustaining_classes(self, config: Any) -> dict[int, float]:
        # Silence often, and the drums that go together.
        if config.encoder_decoder.num_classes == 2:
            return {0: 0.5}
        return {0: 4.0, 1: 2.0, 4: 2.0, 5: 2.0, 6: 2.0, 2: 1.5}

    def recorders(self, trace: Any) -> Iterator[Any]:
        def described(tracks: Any, *args: Any, **kwargs: Any) -> list[dict[str, Any]]:
            return [description(track) for track in tracks[0]]

        def plain_events(track: note_seq.DrumTrack, *args: Any) -> list[tuple[int, ...]]:
            return [self.plain_event(event) for event in track]

        yield self.recorded_quantization(trace)
        yield mock.patch.object(
            drum_pipelines, "extract_drum_tracks", trace.wrap(
                "extract", drum_pipelines.extract_drum_tracks,
                lambda quantized, search_start_step, **_: (serialized(quantized),
                                                           search_start_step), described))
        yield mock.patch.object(
            note_seq.DrumTrack, "__deepcopy__", trace.wrap(
                "copy", note_seq.DrumTrack.__deepcopy__, plain_events,
                lambda copied, *args: plain_events(copied)))
        yield mock.patch.object(
            note_seq.DrumTrack, "to_sequence", trace.wrap(
                "decode", note_seq.DrumTrack.to_sequence,
                lambda track, qpm: (description(track), qpm),
                lambda sequence, *args, **kwargs: serialized(sequence)))

    def evaluate(self, stages: Any, stage: str, arguments: Any) -> Any:
        if stage == "quantize":
            return stages.quantize_note_sequence(*arguments)
        if stage == "extract":
            return stages.extract_drum_tracks(*arguments)
        if stage == "copy":
            return stages.deep_copy_drums(arguments)
        track, qpm = arguments
        return stages.drum_track_to_sequence(
            track["events"], track["start_step"], track["steps_per_bar"],
            track["steps_per_quarter"], qpm)

    def plain_event(self, event: frozenset[int]) -> tuple[int, ...]:
        return tuple(event)

    def random_events(self, rng: random.Random, config: Any,
                      length: int) -> list[frozenset[int]]:
        """Hits of any pitches, of one drum type or several, and silence."""
        events: list[frozenset[int]] = []
        while len(events) < length:
            kind = rng.random()
            if kind < 0.3:
                events.append(frozenset())
            elif kind < 0.5 and len(events) >= 16:
                events += events[-16:][:rng.randint(1, 16)]
            elif kind < 0.75:
                label = rng.randrange(config.encoder_decoder.num_classes)
                events.append(config.encoder_decoder.class_index_to_event(label, events))
            else:
                events.append(frozenset(rng.sample(range(128), rng.choice((1, 1, 2, 3, 5, 12)))))
        return events[:length]

    def strange_events(self, config: Any) -> list[list[frozenset[int]]]:
        return [[frozenset({36}), frozenset(pitches)]
                for pitches in ((-1,), (128, 36), (2 ** 30, 42), (0, 127), range(128))]

    def scored(self, rng: random.Random, config: Any, length: int) -> Scored:
        track = note_seq.DrumTrack(self.random_events(rng, config, length))
        return Scored({"drums": str([tuple(event) for event in track])},
                      lambda model: model.drum_track_log_likelihood(track), length - 1)


def description(track: note_seq.DrumTrack) -> dict[str, Any]:
    """The fields of a drum track, with each event's pitches in the order of its set."""
    return {"events": [tuple(int(pitch) for pitch in event) for event in track],
            "start_step": track.start_step, "steps_per_bar": track.steps_per_bar,
            "steps_per_quarter": track.steps_per_quarter}
