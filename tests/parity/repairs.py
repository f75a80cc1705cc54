"""Where Magenta always fails on requests that the servable serves: the reference, repaired.

Some of Magenta's models cannot run from a bundle at all, and some refuse requests that make sense,
for reasons that no user asked for. The signature `generate_sequence` fails as Magenta does, which
is compared with Magenta as it is. The signature `generate` serves what a user means, which is
compared with Magenta repaired in that one place: each repair below is such a place, and there is
no other.
"""

import contextlib
import dataclasses
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from unittest import mock

import note_seq
import numpy as np
import tensorflow.compat.v1 as tf
from magenta.pipelines import chord_pipelines
from note_seq import performance_lib
from note_seq.performance_lib import PerformanceEvent


@dataclasses.dataclass(frozen=True)
class Repair:
    """One place in Magenta that is repaired.

    Attributes:
        name: of the repair.
        why: what fails without it.
        applied: (Magenta's initialised generator) -> context in which the repair holds.
        always: whether nothing plays without it; else only some requests fail.
    """

    name: str
    why: str
    applied: Callable[[Any], AbstractContextManager]
    always: bool = True


def _is_nade_step(graph: tf.Graph, fetches: Any) -> bool:
    """Whether a run is a step of PianorollRnnNadeModel."""
    sample = graph.get_collection("sample")
    return isinstance(fetches, list) and bool(sample) and fetches[0] is sample[0]


class _ColumnOfLogProbs:
    """A session whose log probabilities [batch] come as [batch, 1], as older graphs give them."""

    def __init__(self, session: tf.Session):
        self._session = session
        self.graph = session.graph

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    def run(self, fetches: Any, feed_dict: Any = None) -> Any:
        values = self._session.run(fetches, feed_dict)
        if not _is_nade_step(self.graph, fetches):
            return values
        sample, log_prob, final_state = values
        return sample, log_prob.reshape(-1, 1), final_state


@contextlib.contextmanager
def _log_prob_column(generator: Any):
    model = generator._model
    with mock.patch.object(model, "_session", _ColumnOfLogProbs(model._session)):
        yield


LOG_PROB_COLUMN = Repair(
    "log_prob", "PianorollRnnNadeModel takes column 0 of log probabilities that have one dimension "
    "in graphs of Magenta 2.1.4", _log_prob_column)


class _NumpyUniforms:
    """A session whose graph gets the random numbers it draws notes by from numpy's generator.

    One for each note of each sequence, in the order in which the servable takes them.
    """

    def __init__(self, session: tf.Session):
        self._session = session
        self.graph = session.graph
        operations = self.graph.get_operations()
        drawn = [operation.inputs[0] for operation in operations
                 if operation.type == "Less" and operation.name.startswith("Bernoulli")]
        self._shape = np.shape(session.run(drawn[0])) if drawn else ()
        self._drawn = drawn

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    def run(self, fetches: Any, feed_dict: Any = None) -> Any:
        if not self._drawn or not _is_nade_step(self.graph, fetches):
            return self._session.run(fetches, feed_dict)
        uniforms = np.random.random_sample((int(np.prod(self._shape)), len(self._drawn)))
        fed = {tensor: uniforms[:, dim].astype(np.float32).reshape(self._shape)
               for dim, tensor in enumerate(self._drawn)}
        return self._session.run(fetches, {**feed_dict, **fed})


@contextlib.contextmanager
def _numpy_uniforms(generator: Any):
    model = generator._model
    with mock.patch.object(model, "_session", _NumpyUniforms(model._session)):
        yield


NUMPY_UNIFORMS = Repair(
    "uniforms", "graphs older than Magenta 2.1.4's draw notes from a generator of TensorFlow that "
    "cannot be seeded, and never play the same twice", _numpy_uniforms, always=False)


@contextlib.contextmanager
def _softmax_heads(generator: Any):
    graph = generator._model._session.graph
    collection = graph.get_collection_ref("softmax")
    softmaxes = [operation for operation in graph.get_operations() if operation.type == "Softmax"]
    # [batch, steps, classes]; attention has softmaxes too, of another rank.
    reshaped = [consumer.outputs[0] for softmax in softmaxes
                for consumer in softmax.outputs[0].consumers()
                if consumer.type == "Reshape" and consumer.outputs[0].shape.rank == 3]
    collection.append(reshaped)
    try:
        yield
    finally:
        collection.clear()


SOFTMAX_HEADS = Repair(
    "softmax", "the collection `softmax` of a model with several heads is a list of lists, which "
    "TensorFlow does not write into a metagraph", _softmax_heads)


@contextlib.contextmanager
def _section_end(generator: Any):
    quantize_to_step = note_seq.quantize_to_step

    def forgiving(seconds: float, steps_per_second: float, quantize_cutoff: float = 0.5) -> int:
        return quantize_to_step(seconds, steps_per_second, min(quantize_cutoff, 1 - 1e-9))

    with mock.patch.object(note_seq, "quantize_to_step", forgiving):
        yield


SECTION_END = Repair(
    "section end", "improv_rnn_generate ends its section at a product that at many tempos falls "
    "short of the last chord's end by a rounding error, which an assertion notices",
    _section_end, always=False)


class _AlignedChords(note_seq.ChordProgression):
    """Chords that are cut at their beginning, and annotated from there."""

    def set_length(self, steps: int, from_left: bool = False) -> None:
        super().set_length(steps, from_left=True)

    def to_sequence(self, sequence_start_time: float = 0.0,
                    qpm: float = 120.0) -> note_seq.NoteSequence:
        seconds_per_step = 60.0 / qpm / self.steps_per_quarter
        return super().to_sequence(
            sequence_start_time + self.start_step * seconds_per_step, qpm)


@contextlib.contextmanager
def _chord_alignment(generator: Any):
    extract_chords = chord_pipelines.extract_chords

    def aligned(*args: Any, **kwargs: Any) -> Any:
        progressions, statistics = extract_chords(*args, **kwargs)
        for progression in progressions:
            progression.__class__ = _AlignedChords
        return progressions, statistics

    with mock.patch.object(chord_pipelines, "extract_chords", aligned):
        yield


CHORD_ALIGNMENT = Repair(
    "chord alignment", "ImprovRnnSequenceGenerator cuts the chords before the melody off at the "
    "wrong end, so that no melody may begin after the first bar", _chord_alignment, always=False)


def _set_length(performance: performance_lib.NotePerformance, steps: int,
                from_left: bool = False) -> None:
    """Drops the notes that start behind the length, and ends the others by then."""
    step, events = 0, []
    for time_shift, note_on, velocity, duration in performance:
        step += time_shift.event_value
        if step >= steps:
            break
        length = min(duration.event_value, steps - step)
        events.append((time_shift, note_on, velocity,
                       PerformanceEvent(PerformanceEvent.DURATION, length)))
    performance._events = events


@contextlib.contextmanager
def _note_set_length(generator: Any):
    with mock.patch.object(performance_lib.NotePerformance, "set_length", _set_length):
        yield


NOTE_SET_LENGTH = Repair(
    "set_length", "NotePerformance.set_length does nothing, so that notes nearly always end behind "
    "the section, which the generator's last assertion refuses", _note_set_length)
