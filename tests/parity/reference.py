"""Magenta's own generators as the reference.

Nothing of Magenta is changed but by `repairs`: a bundle is read with `read_bundle_file`, its
generator comes from Magenta's generator map or is made as the family's command makes it, and a
generation is `numpy.random.seed(seed)` followed by `generator.generate(input_sequence,
generator_options)` or by the command. What is recorded on the way is copied by wrappers that call
the original and pass its result on.
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

from . import commands, families
from .cases import Case, Command

tf.disable_v2_behavior()  # As Magenta's commands do.
tf.logging.set_verbosity(tf.logging.ERROR)


@dataclasses.dataclass
class Run:
    """One run of the graph.

    Attributes:
        inputs: float32 [batch, steps, input_size].
        state: float32 [batch, state_size], the state tensors side by side.
        temperature: the value fed, or None when the graph has no such placeholder.
        outputs: the softmax of each head, float32 [batch, steps, classes]; of an RNN-NADE the
            sample, float32 [batch, pitches], and its log probability.
        final_state: the state tensors after the run, side by side like `state`.
    """

    inputs: np.ndarray
    state: np.ndarray
    temperature: float | None
    outputs: list[np.ndarray]
    final_state: np.ndarray


@dataclasses.dataclass
class Trace:
    """What Magenta did on the way to a sequence.

    Attributes:
        stages: name of a stage of the family -> list of (arguments, result or Failure).
        encoded: (events, position, input vector) of each encoded position; of a conditional encoder
            (control events, events, position, input vector).
        runs: of the graph, in order.
        draws: (probabilities, class index) of each draw, in order.
        extended: (events before, label, event) of each event.
        logs: (float32 probabilities, their float32 logarithms) of each run.
        score: of the beam that won the last search: float32, or None when there was none.
    """

    stages: dict[str, list[tuple[Any, Any]]] = dataclasses.field(default_factory=dict)
    encoded: list[tuple] = dataclasses.field(default_factory=list)
    runs: list[Run] = dataclasses.field(default_factory=list)
    draws: list[tuple[np.ndarray, int]] = dataclasses.field(default_factory=list)
    extended: list[tuple[list, Any, Any]] = dataclasses.field(default_factory=list)
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
        score: float32 log-likelihood of the beam that won; None when nothing had to be generated.
        failure: None on success.
        midi: the MIDI file that the command wrote; None for other doors.
    """

    sequence: bytes | None
    score: np.float32 | None = None
    failure: Failure | None = None
    midi: bytes | None = None


# What a command's outcome is when it refuses flags by a line in its log, and writes nothing.
NOTHING_WRITTEN = Failure("NothingWritten", "")

# Where no time passes, Magenta's rounds of generation have no end. Both sides stop before they run
# the network over more events than these.
MAX_EVENTS = 1 << 15


class NoEnd(Exception):
    """A generation of Magenta's was stopped."""


NO_END = Failure.of(NoEnd())


class _RecordingSession:
    """A session whose steps are recorded: runs of an RNN's or an RNN-NADE's state and outputs."""

    def __init__(self, session: Any, trace: Trace):
        self._session = session
        self._trace = trace
        self.graph = session.graph

    def run(self, fetches: Any, feed_dict: Any = None) -> Any:
        values = self._session.run(fetches, feed_dict)
        if feed_dict is None:
            return values
        collection = self.graph.get_collection
        if collection("sample"):
            *outputs, final_state = values
        else:
            final_state, softmax = values
            outputs = softmax if isinstance(softmax, list) else [softmax]
        temperature = collection("temperature")
        # A state of an RNN-NADE has a row for each step of each sequence; padded to be beside.
        self._trace.runs.append(Run(
            np.array(feed_dict[collection("inputs")[0]], np.float32),
            _beside(feed_dict[tuple(collection("initial_state"))]),
            feed_dict[temperature[0]] if temperature else None,
            list(outputs), _beside(final_state)))
        return values


def _beside(tensors: Any) -> np.ndarray:
    """State tensors [rows, size] side by side; the first rows of those that have more."""
    rows = min(len(tensor) for tensor in tensors)
    return np.concatenate([tensor[:rows] for tensor in tensors], axis=1)


class Reference:
    """Magenta's generator of one bundle, with its session kept open.

    Attributes:
        name: of the bundle's config.
        family: of the config.
        generator: Magenta's SequenceGenerator as its generator map makes it.
        repairs: what is repaired in commands.
    """

    def __init__(self, path: str | os.PathLike[str], name: str):
        bundle = sequence_generator_bundle.read_bundle_file(str(path))
        self.name = name
        self.family = families.of_config(name)
        self.generator = self.family.mapped_generator(name, bundle)
        self.generator.initialize()
        self.repairs = self.family.repairs(name)
        self._bundle = bundle

    def close(self) -> None:
        self.generator.close()

    @property
    def encoder(self) -> Any:
        """Magenta's encoder/decoder of the config."""
        return families.configs()[self.name].encoder_decoder

    @functools.cached_property
    def command_generator(self) -> Any:
        """Magenta's generator as the family's command makes it, on the same session."""
        generator = self.family.generator(families.configs()[self.name], bundle=self._bundle)
        generator._model._session = self.generator._model._session
        generator._initialized = True
        return generator

    @contextlib.contextmanager
    def repaired(self, generator: Any = None) -> Iterator[None]:
        """A context in which a generator, by default that of commands, runs if it never would."""
        with contextlib.ExitStack() as stack:
            for repair in self.repairs:
                stack.enter_context(repair.applied(generator or self.command_generator))
            yield

    def generate(self, case: Case | Command) -> Outcome:
        """A generation as a user of Magenta has it, with the beam's score read on the way."""
        trace = Trace()
        with _reading_score(trace):
            return self._generate(case, trace)

    def record(self, case: Case | Command) -> tuple[Outcome, Trace]:
        """A generation and what happened in each stage of it, repaired where the family says so."""
        trace = Trace()
        generator = self.command_generator if isinstance(case, Command) else self.generator
        is_repaired = self.family.is_repaired(case)
        with self.repaired(generator) if is_repaired else contextlib.nullcontext(), \
                _reading_score(trace), self._recording(generator, trace):
            return self._generate(case, trace), trace

    def _generate(self, case: Case | Command, trace: Trace) -> Outcome:
        np.random.seed(case.seed)
        if isinstance(case, Command):
            try:
                written = commands.run(self.family.command_module, self.command_generator, case)
            except Exception as error:
                return Outcome(None, failure=Failure.of(error))
            if written is None:
                return Outcome(None, failure=NOTHING_WRITTEN)
            sequence, midi = written
            return Outcome(sequence.SerializeToString(deterministic=True), trace.score, midi=midi)
        # Copies, since a generator may write into its arguments.
        input_sequence, options = case.input_sequence(), case.options()
        try:
            sequence = self.generator.generate(input_sequence, options)
        except Exception as error:
            return Outcome(None, failure=Failure.of(error))
        return Outcome(sequence.SerializeToString(deterministic=True), trace.score)

    @contextlib.contextmanager
    def _recording(self, generator: Any, trace: Trace) -> Iterator[None]:
        model = generator._model
        encoder = model._config.encoder_decoder
        get_inputs_batch = encoder.get_inputs_batch
        extend_event_sequences = encoder.extend_event_sequences
        generate_events = model._generate_events
        rounds: list[int] = []

        def bounded(num_steps: int, *args: Any, **kwargs: Any) -> Any:
            rounds.append(num_steps)
            if sum(rounds) > MAX_EVENTS:
                raise NoEnd
            return generate_events(num_steps, *args, **kwargs)

        def encode(*sequences: Any, full_length: bool = False) -> list:
            batch = get_inputs_batch(*sequences, full_length=full_length)
            # Of each row the control events, if the encoder is conditional, and the events.
            for *rows, vectors in zip(*sequences, batch):
                first = len(rows[-1]) - len(vectors)
                for position, vector in enumerate(vectors, first):
                    trace.encoded.append((*map(list, rows), position, np.array(vector, np.float32)))
            return batch

        def extend(event_sequences: list, softmax: Any) -> list:
            before = [list(events) for events in event_sequences]
            labels = extend_event_sequences(event_sequences, softmax)
            if labels is None:  # A sample of an RNN-NADE, not drawn from classes.
                for row, events in enumerate(event_sequences):
                    # Python's integers hold a label of 88 bits, numpy's do not.
                    event = tuple(int(key) for key in events[-1])
                    trace.extended.append((before[row], encoder.events_to_label([event], 0), event))
                return labels
            for row, label in enumerate(labels):
                trace.extended.append((before[row], label, event_sequences[row][-1]))
            heads = softmax if isinstance(softmax, list) else [softmax]
            indices = np.array(labels).reshape(len(labels), len(heads))
            chosen: Any = 1.0
            for head, classes in zip(heads, indices.T):
                chosen = chosen * head[range(len(labels)), -1, classes]
            for row in range(len(labels)):
                trace.draws += [(head[row][-1], int(index))
                                for head, index in zip(heads, indices[row])]
            trace.logs.append((chosen, np.log(chosen)))
            return labels

        with contextlib.ExitStack() as stack:
            for target, name, wrapper in (
                    (model, "_generate_events", bounded),
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
