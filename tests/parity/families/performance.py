"""The performance family: performance and its variants with dynamics, encodings and controls."""

import random
from collections.abc import Iterator
from typing import Any
from unittest import mock

import note_seq
import numpy as np
from hypothesis.strategies import SearchStrategy
from magenta.models.performance_rnn import performance_model, performance_sequence_generator
from magenta.pipelines import performance_pipeline
from note_seq import performance_lib
from note_seq.performance_lib import PerformanceEvent

from .. import cases, recipes, repairs
from ..errors import Expected
from ..recipes import Recipe
from ..repairs import Repair
from . import performance_cases
from .family import Family, Scored, serialized

_NOTE = "performance_with_dynamics_and_note_encoding"
# First class of each type of event in the one-hot encoding.
_NOTE_OFF, _TIME_SHIFT, _VELOCITY = 128, 256, 356


class Performance(Family):
    """Performances: events of notes, of time in hundredths of a second, and of velocities."""

    name = "performance"
    stages = ("quantize", "extract", "length", "encode", "step", "sample", "score", "decode",
              "end-to-end")
    generator_module = performance_sequence_generator
    command_module = "magenta.models.performance_rnn.performance_rnn_generate"
    generations = (20, 300)

    def configs(self) -> dict[str, Any]:
        return performance_model.default_configs

    def generator(self, config: Any, **source: Any) -> Any:
        return performance_sequence_generator.PerformanceRnnSequenceGenerator(
            performance_model.PerformanceRnnModel(config), config.details,
            steps_per_second=config.steps_per_second, num_velocity_bins=config.num_velocity_bins,
            control_signals=config.control_signals,
            optional_conditioning=config.optional_conditioning,
            note_performance=config.note_performance, **source)

    def repairs(self, name: str) -> tuple[Repair, ...]:
        return (repairs.SOFTMAX_HEADS, repairs.NOTE_SET_LENGTH) if name == _NOTE else ()

    def recipes(self, name: str) -> list[Recipe]:
        made = recipes.standard(name, full_size={"batch_size": 1})
        if name != _NOTE:
            # Little time passes, so that sections fill in several rounds.
            made.append(Recipe(name, "many-rounds", {"batch_size": 1, "rnn_layer_sizes": [24, 16]},
                               biases={_TIME_SHIFT + steps: -1.5 for steps in range(100)},
                               share=3, seed=10))
        if name == "performance":
            made += recipes.cudnn(name)
        return made

    def sustaining_classes(self, config: Any) -> dict[int, float]:
        if config.note_performance:
            # Short steps and notes: both majors are 0, and durations are of some 10 steps.
            return {0: 5.0, **{13 + steps: 2.0 for steps in range(20)},
                    13 + 77 + 128 + 32: 4.0,
                    **{13 + 77 + 128 + 32 + 25 + steps: 1.5 for steps in range(5, 20)}}
        return {**{pitch: 1.5 for pitch in range(48, 72)},
                **{_NOTE_OFF + pitch: 1.5 for pitch in range(48, 72)},
                **{_TIME_SHIFT + steps: 2.5 for steps in range(2, 12)},
                **({_VELOCITY + bin_: -1.0 for bin_ in range(config.num_velocity_bins)})}

    def numbered_case(self, name: str, index: int, salt: str) -> cases.Case:
        return performance_cases.case(random.Random(f"{salt}/{index}"), self.configs()[name],
                                      f"numbered({index}, {salt!r})")

    def fixed_cases(self, name: str) -> list[cases.Case]:
        return performance_cases.fixed(self.configs()[name])

    def requests(self, name: str) -> SearchStrategy[cases.Case]:
        return performance_cases.requests(self.configs()[name])

    def numbered_command(self, name: str, index: int, salt: str) -> cases.Command:
        return performance_cases.command(random.Random(f"{salt}/command/{index}"),
                                         self.configs()[name], f"command({index}, {salt!r})")

    def errors(self, name: str) -> tuple[Expected, ...]:
        return performance_cases.errors_of(self.configs()[name])

    def recorders(self, trace: Any) -> Iterator[Any]:
        def lengthened(performance: Any, steps: int) -> Any:
            return (_plain(performance), performance.start_step, performance._num_velocity_bins,
                    int(steps))

        yield self.recorded_quantization(trace, "quantize_note_sequence_absolute")
        yield mock.patch.object(
            performance_pipeline, "extract_performances", trace.wrap(
                "extract", performance_pipeline.extract_performances,
                lambda quantized, start_step, num_velocity_bins, note_performance: (
                    serialized(quantized), int(start_step), num_velocity_bins, note_performance),
                lambda found, *args, **kwargs: _description(found[0][0]) if found[0] else None))
        yield mock.patch.object(
            performance_lib.BasePerformance, "set_length", trace.wrap(
                "length", performance_lib.BasePerformance.set_length, lengthened,
                lambda _, performance, steps: _plain(performance)))
        for kind in (performance_lib.Performance, performance_lib.NotePerformance):
            yield mock.patch.object(kind, "to_sequence", trace.wrap(
                "decode", kind.to_sequence,
                lambda performance, max_note_duration: (
                    _plain(performance), performance.start_step, performance._num_velocity_bins,
                    isinstance(performance, performance_lib.NotePerformance), max_note_duration),
                lambda sequence, *args, **kwargs: serialized(_without_instrument(sequence))))

    def evaluate(self, stages: Any, stage: str, arguments: Any) -> Any:
        if stage == "quantize":
            return stages.quantize_note_sequence_absolute(*arguments)
        if stage == "extract":
            return stages.extract_performance(*arguments)
        if stage == "length":
            return stages.set_performance_length(*arguments)
        return stages.performance_to_sequence(*arguments)

    def plain_event(self, event: Any) -> tuple[int, ...]:
        if isinstance(event, tuple):
            return tuple(int(part.event_value) for part in event)
        return event.event_type, int(event.event_value)

    def plain_control(self, control: Any) -> tuple[bool, float, list[float]]:
        disabled = False
        # (disabled, (density, histogram)), and not (density, histogram) whose histogram is a tuple.
        if len(control) == 2 and isinstance(control[1], tuple) and len(control[1]) == 2:
            disabled, control = bool(control[0]), control[1]
        density, histogram = 0.0, [0.0] * 12
        for value in control:
            if isinstance(value, (int, float)):
                density = float(value)
            elif not disabled:
                # One of another length makes a vector that the graph refuses, which is not compared.
                histogram = ([float(weight) for weight in value] + histogram)[:12]
        return disabled, density, histogram

    def random_events(self, rng: random.Random, config: Any, length: int) -> list[Any]:
        if config.note_performance:
            return [_note(rng.choice((0, 0, rng.randint(0, 1000))), rng.randint(0, 127),
                          rng.randint(1, config.num_velocity_bins), rng.randint(1, 1000))
                    for _ in range(length)]
        bounds = [(PerformanceEvent.NOTE_ON, 0, 127), (PerformanceEvent.NOTE_OFF, 0, 127),
                  (PerformanceEvent.TIME_SHIFT, 1, 100)]
        if config.num_velocity_bins:
            bounds.append((PerformanceEvent.VELOCITY, 1, config.num_velocity_bins))
        events = []
        for _ in range(length):
            kind, low, high = rng.choice(bounds)
            events.append(PerformanceEvent(kind, rng.randint(low, high)))
        return events

    def random_controls(self, rng: random.Random, config: Any, length: int) -> list[Any] | None:
        if not config.control_signals:
            return None
        controls = []
        for _ in range(length):
            control = tuple(performance_cases.control_value(rng, signal.name)
                            for signal in config.control_signals)
            controls.append((rng.random() < 0.3, control) if config.optional_conditioning
                            else control)
        return controls

    def strange_events(self, config: Any) -> list[list[Any]]:
        if config.note_performance:
            return [[_note(*values)] for values in (
                (1000, 60, 1, 1), (1001, 60, 1, 1), (0, 127, 32, 1000), (0, 60, 33, 1),
                (0, 60, 127, 1), (0, 60, 1, 1001))]
        return [[PerformanceEvent(PerformanceEvent.NOTE_ON, 60), PerformanceEvent(kind, value)]
                for kind, values in (
                    (PerformanceEvent.NOTE_ON, (0, 127)), (PerformanceEvent.NOTE_OFF, (0, 127)),
                    (PerformanceEvent.TIME_SHIFT, (0, 1, 100, 101, 133)),
                    (PerformanceEvent.VELOCITY, (1, 32, 33, 127)),
                    (PerformanceEvent.DURATION, (1, 100))) for value in values]

    def scored(self, rng: random.Random, config: Any, length: int) -> Scored:
        # A note takes some four events, or is one; there are two events at least.
        sequence = performance_cases.primer(rng, max(2, length // 4), one_program=True)
        quantized = note_seq.quantize_note_sequence_absolute(sequence, config.steps_per_second)
        (performance,), _ = performance_pipeline.extract_performances(
            quantized, num_velocity_bins=config.num_velocity_bins,
            note_performance=config.note_performance)
        inputs: dict[str, Any] = {"sequence_bytes": serialized(sequence)}
        values, disabled = [], None
        for signal in config.control_signals or ():
            value = performance_cases.control_value(rng, signal.name)
            inputs[signal.name] = repr(value)
            values.append(value)
        if config.optional_conditioning:
            disabled = rng.random() < 0.3
            inputs["disable_conditioning"] = repr(disabled)

        def log_likelihood(model: Any) -> float:
            if config.note_performance:
                return _note_log_likelihood(model, performance)
            return model.performance_log_likelihood(performance, values, disabled)

        return Scored(inputs, log_likelihood, len(performance) - 1)


def _note_log_likelihood(model: Any, performance: Any) -> float:
    """What performance_log_likelihood is without its mistake in the order of heads and steps.

    Magenta gives the softmaxes of each head to a method that takes those of each step, which its
    generation does right.
    """
    graph, encoder = model._session.graph, model._config.encoder_decoder
    inputs = encoder.get_inputs_batch([performance[:-1]], full_length=True)
    state = graph.get_collection("initial_state")
    heads = model._session.run(graph.get_collection("softmax")[0], {
        graph.get_collection("inputs")[0]: inputs, tuple(state): model._session.run(state),
        graph.get_collection("temperature")[0]: 1.0})
    steps = [[head[0, step] for head in heads] for step in range(heads[0].shape[1])]
    return encoder.evaluate_log_likelihood([performance], [steps])[0]


def _note(time_shift: int, pitch: int, velocity_bin: int, duration: int) -> tuple:
    return (PerformanceEvent(PerformanceEvent.TIME_SHIFT, time_shift),
            PerformanceEvent(PerformanceEvent.NOTE_ON, pitch),
            PerformanceEvent(PerformanceEvent.VELOCITY, velocity_bin),
            PerformanceEvent(PerformanceEvent.DURATION, duration))


def _plain(performance: Any) -> list[tuple[int, ...]]:
    return [Performance.plain_event(None, event) for event in performance]


def _description(performance: Any) -> dict[str, Any]:
    """The fields of a performance."""
    return {"events": _plain(performance), "start_step": int(performance.start_step),
            "num_steps": int(performance.num_steps), "program": performance.program,
            "is_drum": performance.is_drum}


def _without_instrument(sequence: note_seq.NoteSequence) -> note_seq.NoteSequence:
    """A copy as a performance gives it that has no program and is no drums."""
    copied = note_seq.NoteSequence()
    copied.CopyFrom(sequence)
    for note in copied.notes:
        note.program, note.is_drum = 0, False
    return copied
