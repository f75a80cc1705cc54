"""What the comparison has to know of a family of models."""

import abc
import dataclasses
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from unittest import mock

import note_seq
import numpy as np
import tensorflow.compat.v1 as tf
from hypothesis.strategies import SearchStrategy
from magenta.models.shared import events_rnn_graph

from .. import cases, compare
from ..errors import Expected
from ..recipes import Recipe
from ..repairs import Repair


@dataclasses.dataclass(frozen=True)
class Scored:
    """A sequence whose likelihood is compared.

    Attributes:
        inputs: of the signature `score`.
        log_likelihood: Magenta's, computed by the generator's model.
        num_events: events that get a likelihood of their own: all after the first, or all.
        rounding: given the generator's model, the relative difference that float32 arithmetic in
            another order makes; None where the result must be equal to the bit.
    """

    inputs: Mapping[str, Any]
    log_likelihood: Callable[[Any], float]
    num_events: int
    rounding: Callable[[Any], float] | None = None


class Family(abc.ABC):
    """One family: its configs, Magenta's code for them, and requests to compare.

    "Name" of a config is its key in Magenta's table of configs. Events are Magenta's own objects
    everywhere but where "plain" is said: plain events are what the bindings of the family's encoder
    take and give (python/cpp/stages_FAMILY.cc).

    Attributes:
        name: of the family.
        stages: names of the compared stages, in the order in which a request passes them. Those
            that `recorders` notes are the family's own; "encode", "step", "sample", "score" and
            "decode" are compared for all families, "end-to-end" is the whole.
        generator_module: Magenta's module with the family's generator map.
        command_module: name of Magenta's module with the family's `*_generate` command.
        generations: generations for each config in a normal run and in the whole comparison.
        step_model: name of the function of the bindings that opens a bundle's graph. What it gives
            has `batch_size`, `input_size` and `step(inputs, state, temperature)`, which returns a
            tuple of arrays.
        draws_classes: whether events are drawn from distributions over classes.
    """

    name: str
    stages: tuple[str, ...]
    generator_module: Any
    command_module: str
    generations: tuple[int, int] = (100, 1000)
    step_model: str = "step_model"
    draws_classes: bool = True

    # Magenta's side.

    @abc.abstractmethod
    def configs(self) -> Mapping[str, Any]:
        """Magenta's configs by name."""

    @abc.abstractmethod
    def generator(self, config: Any, **source: Any) -> Any:
        """Magenta's generator as the family's command makes it.

        Args:
            config: of the generator; need not be one of `configs`.
            **source: `checkpoint=` or `bundle=`.
        """

    def mapped_generator(self, name: str, bundle: Any) -> Any:
        """Magenta's generator as its generator map makes it, which is how libraries get one."""
        return self.generator_module.get_generator_map()[name](checkpoint=None, bundle=bundle)

    def repairs(self, name: str) -> Sequence[Repair]:
        """What has to be repaired in Magenta so that bundles of this config play at all."""
        return ()

    def is_repaired(self, case: cases.Case | cases.Command) -> bool:
        """Whether Magenta is repaired for a case: where the servable serves what never plays."""
        return isinstance(case, cases.Command)

    # Bundles.

    def build_graph(self, config: Any) -> None:
        """Builds Magenta's graph for generation in the default graph."""
        events_rnn_graph.get_build_graph_fn("generate", config)()

    def is_output(self, variable: tf.Variable) -> bool:
        """Whether a variable makes the logits."""
        return variable.op.name.startswith("fully_connected/")

    @abc.abstractmethod
    def recipes(self, name: str) -> list[Recipe]:
        """The bundles to make of a config, the first one small; see `recipes.standard`."""

    @abc.abstractmethod
    def sustaining_classes(self, config: Any) -> dict[int, float]:
        """Class index -> bias of its logit, so that seeded weights make music, not noise."""

    # Requests.

    @abc.abstractmethod
    def numbered_case(self, name: str, index: int, salt: str) -> cases.Case:
        """Case number `index` for a bundle of a config; the same on every machine.

        Args:
            name: of the config.
            index: from 0.
            salt: name of the bundle, so that bundles get different cases.
        """

    @abc.abstractmethod
    def fixed_cases(self, name: str) -> list[cases.Case]:
        """Cases by hand for a config: each a trap that random ones may miss."""

    @abc.abstractmethod
    def requests(self, name: str) -> SearchStrategy[cases.Case]:
        """Hypothesis' strategy of cases for a config."""

    @abc.abstractmethod
    def numbered_command(self, name: str, index: int, salt: str) -> cases.Command:
        """Like `numbered_case`: a run of the family's command, for the signature `generate`."""

    @abc.abstractmethod
    def errors(self, name: str) -> Sequence[Expected]:
        """Requests that Magenta refuses, for a config; none for those that need no comparison."""

    # Stages.

    @abc.abstractmethod
    def recorders(self, trace: Any) -> Iterator[Any]:
        """Patches that note the calls of the family's own stages in `trace`."""

    def recorded_quantization(self, trace: Any, function: str = "quantize_note_sequence") -> Any:
        """A patch that notes calls of one of note_seq's quantizations as stage "quantize"."""
        return mock.patch.object(note_seq, function, trace.wrap(
            "quantize", getattr(note_seq, function),
            lambda sequence, resolution: (serialized(sequence), resolution),
            lambda quantized, *args: serialized(quantized)))

    @abc.abstractmethod
    def evaluate(self, stages: Any, stage: str, arguments: Any) -> Any:
        """The servable's result of one of the stages that `recorders` notes."""

    def plain_event(self, event: Any) -> Any:
        """An event as the bindings have it."""
        return event

    def plain_control(self, control: Any) -> Any:
        """A control event as the bindings have it."""
        return control

    def step(self, step_model: Any, run: Any) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
        """Runs of the graph: (what, the servable's, Magenta's) for each of a run's results."""
        softmax, state = step_model.step(
            run.inputs, run.state, 1.0 if run.temperature is None else run.temperature)
        yield "softmax", softmax, np.concatenate(run.outputs, axis=-1)
        yield "state", state, run.final_state

    def same_score(self, step_model: Any, num_events: int, ours: np.float32,
                   theirs: np.float32) -> bool:
        """Whether the servable's log-likelihood of a generation of so many events is Magenta's."""
        return compare.same_bits(ours, theirs)

    @abc.abstractmethod
    def random_events(self, rng: random.Random, config: Any, length: int) -> list[Any]:
        """Events of a sequence that the config's encoding knows."""

    def random_controls(self, rng: random.Random, config: Any, length: int) -> list[Any] | None:
        """Control events for `random_events`; None for families without them."""
        return None

    def strange_events(self, config: Any) -> list[list[Any]]:
        """Sequences whose last event is at or beyond the bounds of the encoding."""
        return []

    @abc.abstractmethod
    def scored(self, rng: random.Random, config: Any, length: int) -> Scored:
        """A random sequence to score, of about `length` events, which is at least 2."""


def serialized(sequence: note_seq.NoteSequence) -> bytes:
    """The bytes that equal sequences share."""
    return sequence.SerializeToString(deterministic=True)
