"""Magenta's own generators as the reference.

Nothing of Magenta is changed: a bundle is read with `read_bundle_file`, its generator comes from
Magenta's generator map, and a generation is `numpy.random.seed(seed)` followed by
`generator.generate(input_sequence, generator_options)`. What is recorded on the way is copied by
wrappers that call the original and pass its result on.
"""

import contextlib
import dataclasses
import functools
import os
from collections.abc import Iterator
from typing import Any
from unittest import mock

import numpy as np
import tensorflow.compat.v1 as tf
from magenta.models.shared import events_rnn_model, sequence_generator_bundle

from . import families
from .cases import Case

tf.disable_v2_behavior()  # As Magenta's commands do.
tf.logging.set_verbosity(tf.logging.ERROR)


@dataclasses.dataclass
class Run:
    """One run of the graph.

    Attributes:
        inputs: float32 [batch, steps, input_size].
        state: float32 [batch, state_size], the state tensors side by side.
        temperature: the value fed, or None when the graph has no such placeholder.
        softmax: float32 [batch, steps, classes].
        final_state: like `state`.
    """

    inputs: np.ndarray
    state: np.ndarray
    temperature: float | None
    softmax: np.ndarray
    final_state: np.ndarray


@dataclasses.dataclass
class Trace:
    """What Magenta did on the way to a sequence.

    Attributes:
        stages: name of a stage of the family -> list of (arguments, result or Failure).
        encoded: (events, position, input vector) of each encoded position.
        runs: of the graph, in order.
        draws: (probabilities, class index) of each draw, in order.
        extended: (events before, class index, event) of each draw.
        logs: (float32 probabilities, their float32 logarithms) of each run.
        score: of the beam that won: float32, or None when no beam search ended.
    """

    stages: dict[str, list[tuple[Any, Any]]] = dataclasses.field(default_factory=dict)
    encoded: list[tuple[list, int, np.ndarray]] = dataclasses.field(default_factory=list)
    runs: list[Run] = dataclasses.field(default_factory=list)
    draws: list[tuple[np.ndarray, int]] = dataclasses.field(default_factory=list)
    extended: list[tuple[list, int, Any]] = dataclasses.field(default_factory=list)
    logs: list[tuple[np.ndarray, np.ndarray]] = dataclasses.field(default_factory=list)
    score: np.float32 | None = None

    def wrap(self, stage: str, function: Any, arguments: Any, result: Any = None) -> Any:
        """`function` with each call noted under `stage`.

        Args:
            stage: name of the stage.
            function: what is called.
            arguments: from the call's arguments to what is noted, before the call.
            result: from (returned value, call's arguments) to what is noted, after it; None
                notes the returned value itself.
        """

        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            noted = arguments(*args, **kwargs)
            calls = self.stages.setdefault(stage, [])
            try:
                returned = function(*args, **kwargs)
            except Exception as error:
                calls.append((noted, Failure.of(error)))
                raise
            calls.append((noted, result(returned, *args, **kwargs) if result else returned))
            return returned

        return wrapper


@dataclasses.dataclass(frozen=True)
class Failure:
    """An error: the class's name and the text."""

    kind: str
    text: str

    @classmethod
    def of(cls, error: Exception) -> "Failure":
        return cls(type(error).__name__, str(error))


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What a generation gave: a sequence and its score, or a failure.

    Attributes:
        sequence: serialized NoteSequence, None on failure.
        score: float32 log-likelihood of the beam that won.
        failure: None on success.
    """

    sequence: bytes | None
    score: np.float32 | None = None
    failure: Failure | None = None


class _RecordingSession:
    """A session whose runs of (final state, softmax) are recorded."""

    def __init__(self, session: tf.Session, trace: Trace):
        self._session = session
        self._trace = trace
        self.graph = session.graph

    def run(self, fetches: Any, feed_dict: Any = None) -> Any:
        values = self._session.run(fetches, feed_dict)
        if feed_dict is None:
            return values
        final_state, softmax = values
        collection = self.graph.get_collection
        temperature = collection("temperature")
        state = feed_dict[tuple(collection("initial_state"))]
        self._trace.runs.append(Run(
            np.array(feed_dict[collection("inputs")[0]], np.float32),
            np.concatenate(state, axis=1),
            feed_dict[temperature[0]] if temperature else None,
            softmax, np.concatenate(final_state, axis=1)))
        return values


class Reference:
    """Magenta's generator of one bundle, with its session kept open.

    Attributes:
        family: of the bundle's config.
        config: id of the config.
        generator: Magenta's SequenceGenerator.
    """

    def __init__(self, path: str | os.PathLike[str]):
        bundle = sequence_generator_bundle.read_bundle_file(str(path))
        self.config = bundle.generator_details.id
        self.family = families.of_config(self.config)
        self.generator = self.family.generator_map()[self.config](checkpoint=None, bundle=bundle)
        self.generator.initialize()

    def close(self) -> None:
        self.generator.close()

    @property
    def encoder(self) -> Any:
        """Magenta's encoder/decoder of the config."""
        return families.configs()[self.config].encoder_decoder

    def generate(self, case: Case) -> Outcome:
        """A generation as a user of Magenta has it, with the beam's score read on the way."""
        trace = Trace()
        with _reading_score(trace):
            return self._generate(case, trace)

    def record(self, case: Case) -> tuple[Outcome, Trace]:
        """A generation and what happened in each stage of it."""
        trace = Trace()
        with _reading_score(trace), self._recording(trace):
            return self._generate(case, trace), trace

    def _generate(self, case: Case, trace: Trace) -> Outcome:
        np.random.seed(case.seed)
        # Copies, since a generator may write into its arguments.
        input_sequence, options = case.input_sequence(), case.options()
        try:
            sequence = self.generator.generate(input_sequence, options)
        except Exception as error:
            return Outcome(None, failure=Failure.of(error))
        return Outcome(sequence.SerializeToString(deterministic=True), trace.score)

    @contextlib.contextmanager
    def _recording(self, trace: Trace) -> Iterator[None]:
        model = self.generator._model
        encoder = model._config.encoder_decoder
        get_inputs_batch = encoder.get_inputs_batch
        extend_event_sequences = encoder.extend_event_sequences

        def encode(event_sequences: list, full_length: bool = False) -> list:
            batch = get_inputs_batch(event_sequences, full_length)
            for events, vectors in zip(event_sequences, batch):
                first = len(events) - len(vectors)
                for position, vector in enumerate(vectors, first):
                    trace.encoded.append((list(events), position, np.array(vector, np.float32)))
            return batch

        def extend(event_sequences: list, softmax: np.ndarray) -> list[int]:
            before = [list(events) for events in event_sequences]
            indices = extend_event_sequences(event_sequences, softmax)
            for row, index in enumerate(indices):
                trace.draws.append((softmax[row][-1], int(index)))
                trace.extended.append((before[row], int(index), event_sequences[row][-1]))
            chosen = softmax[range(len(event_sequences)), -1, np.array(indices)]
            trace.logs.append((chosen, np.log(chosen)))
            return indices

        with contextlib.ExitStack() as stack:
            for target, name, wrapper in (
                    (model, "_session", _RecordingSession(model._session, trace)),
                    (encoder, "get_inputs_batch", encode),
                    (encoder, "extend_event_sequences", extend)):
                stack.enter_context(mock.patch.object(target, name, wrapper))
            for patch in self.family.recorders(trace):
                stack.enter_context(patch)
            yield


@contextlib.contextmanager
def _reading_score(trace: Trace) -> Iterator[None]:
    """Notes the score that the beam search returns and Magenta only logs."""
    beam_search = events_rnn_model.beam_search

    def reading(*args: Any, **kwargs: Any) -> Any:
        events, state, score = beam_search(*args, **kwargs)
        trace.score = score
        return events, state, score

    with mock.patch.object(events_rnn_model, "beam_search", reading):
        yield
