"""The pianoroll family: rnn-nade and rnn-nade_attn."""

import random
from collections.abc import Iterator, Sequence
from typing import Any
from unittest import mock

import note_seq
import numpy as np
import tensorflow.compat.v1 as tf
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from magenta.common import Nade
from magenta.models.pianoroll_rnn_nade import (pianoroll_rnn_nade_graph, pianoroll_rnn_nade_model,
                                               pianoroll_rnn_nade_sequence_generator)
from magenta.pipelines import pianoroll_pipeline

from .. import cases, recipes, repairs
from ..errors import Expected
from ..recipes import Recipe
from . import pianoroll_cases
from .family import Family, Scored, serialized

# numpy had this alias until 1.24, and Magenta 2.1.4 asks for 1.21. Without it note_seq's
# pianoroll_lib cannot make a pianoroll of a sequence.
if not hasattr(np, "bool"):
    np.bool = np.bool_

# Of log-likelihoods: sums of 88 float32 logarithms for each event, most of them of numbers near 1,
# which may be off by one unit in the last place.
_ROUNDING = 1e-5
_EVENT_ROUNDING = 88 * 2.0 ** -23


class Pianoroll(Family):
    """Pianorolls: the keys that are down at each 16th, sampled one after another by a NADE."""

    name = "pianoroll"
    stages = ("quantize", "extract", "encode", "step", "score", "decode", "end-to-end")
    generator_module = pianoroll_rnn_nade_sequence_generator
    command_module = "magenta.models.pianoroll_rnn_nade.pianoroll_rnn_nade_generate"
    step_model = "nade_model"
    draws_classes = False

    def configs(self) -> dict[str, Any]:
        return pianoroll_rnn_nade_model.default_configs

    def generator(self, config: Any, **source: Any) -> Any:
        return pianoroll_rnn_nade_sequence_generator.PianorollRnnNadeSequenceGenerator(
            pianoroll_rnn_nade_model.PianorollRnnNadeModel(config), config.details,
            steps_per_quarter=config.steps_per_quarter, **source)

    def repairs(self, name: str) -> Sequence[repairs.Repair]:
        return repairs.LOG_PROB_COLUMN, repairs.NUMPY_UNIFORMS

    def is_repaired(self, case: cases.Case | cases.Command) -> bool:
        return isinstance(case, cases.Command) or "sample" in case.options().args

    def build_graph(self, config: Any) -> None:
        pianoroll_rnn_nade_graph.get_build_graph_fn("generate", config)()

    def is_output(self, variable: tf.Variable) -> bool:
        return variable.op.name.startswith("decoder/dense/")

    def recipes(self, name: str) -> list[Recipe]:
        return recipes.standard(
            name, self.configs()[name].hparams.attn_length, nade_hidden_units=24)

    def sustaining_classes(self, config: Any) -> dict[int, float]:
        # Of the NADE's biases those of the keys: few are down.
        first = config.hparams.nade_hidden_units
        return {index: -2.0 for index in range(first, first + 88)}

    def numbered_case(self, name: str, index: int, salt: str) -> cases.Case:
        rng = random.Random(f"{salt}/{index}")
        sequence, qpm = pianoroll_cases.primer(rng)
        options = cases.options(rng, sequence, qpm)
        if not salt.startswith("unrepaired/"):
            pianoroll_cases.served(options)
        return cases.Case.of(sequence, options, cases.seed(rng), f"numbered({index}, {salt!r})")

    def fixed_cases(self, name: str) -> list[cases.Case]:
        return pianoroll_cases.fixed()

    def requests(self, name: str) -> SearchStrategy[cases.Case]:
        def served(case: cases.Case) -> cases.Case:
            return cases.Case.of(case.input_sequence(), pianoroll_cases.served(case.options()),
                                 case.seed, case.name)

        return st.builds(served, cases.requests())

    def numbered_command(self, name: str, index: int, salt: str) -> cases.Command:
        return pianoroll_cases.command(
            random.Random(f"{salt}/command/{index}"), f"command({index}, {salt!r})")

    def errors(self, name: str) -> tuple[Expected, ...]:
        return pianoroll_cases.ERRORS

    def recorders(self, trace: Any) -> Iterator[Any]:
        def described(pianorolls: Any, *args: Any, **kwargs: Any) -> list[dict[str, Any]]:
            return [description(pianoroll) for pianoroll in pianorolls[0]]

        yield self.recorded_quantization(trace)
        yield mock.patch.object(
            pianoroll_pipeline, "extract_pianoroll_sequences", trace.wrap(
                "extract", pianoroll_pipeline.extract_pianoroll_sequences,
                lambda quantized, start_step: (serialized(quantized), start_step), described))
        yield mock.patch.object(
            note_seq.PianorollSequence, "to_sequence", trace.wrap(
                "decode", note_seq.PianorollSequence.to_sequence,
                lambda pianoroll, qpm: (description(pianoroll), qpm),
                lambda sequence, *args, **kwargs: serialized(sequence)))

    def evaluate(self, stages: Any, stage: str, arguments: Any) -> Any:
        if stage == "quantize":
            return stages.quantize_note_sequence(*arguments)
        if stage == "extract":
            return stages.extract_pianoroll_sequences(*arguments)
        pianoroll, qpm = arguments
        return stages.pianoroll_to_sequence(
            pianoroll["events"], pianoroll["start_step"], pianoroll["steps_per_quarter"], qpm)

    def step(self, step_model: Any, run: Any) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
        sample, log_prob, state = step_model.step(run.inputs, run.state)
        yield "state", state, run.final_state
        if step_model.thresholds:
            yield "sample", sample, run.outputs[0]
            yield "log-likelihood", log_prob, run.outputs[1].reshape(-1)

    def same_score(self, step_model: Any, num_events: int, ours: np.float32,
                   theirs: np.float32) -> bool:
        if step_model.thresholds:
            return super().same_score(step_model, num_events, ours, theirs)
        # Of drawn bits: summed outside of the graph.
        return bool(np.isclose(ours, theirs, rtol=_ROUNDING, atol=num_events * _EVENT_ROUNDING))

    def plain_event(self, event: tuple[int, ...]) -> list[int]:
        return [int(key) for key in event]

    def random_events(self, rng: random.Random, config: Any, length: int) -> list[tuple[int, ...]]:
        return [tuple(sorted(rng.sample(range(88), rng.choice((0, 1, 2, 3, 5, 12, 88)))))
                for _ in range(length)]

    def strange_events(self, config: Any) -> list[list[tuple[int, ...]]]:
        return [[(3,), keys] for keys in ((), (0, 87), tuple(range(88)))]

    def scored(self, rng: random.Random, config: Any, length: int) -> Scored:
        events = [tuple(rng.sample(range(21, 109), rng.choice((0, 1, 2, 3, 5))))
                  for _ in range(length)]
        bits = np.zeros((1, length, 88), np.float32)
        for step, pitches in enumerate(events):
            bits[0, step, [pitch - 21 for pitch in pitches]] = 1

        def log_likelihood(model: Any) -> float:
            return log_prob(model._session, bits)[0].sum(dtype=np.float64)

        def rounding(model: Any) -> float:
            logs, probabilities = log_prob(model._session, bits)
            chosen = np.where(bits[0], probabilities, 1 - probabilities)
            # Magenta adds this to probabilities. A unit in the last place of one near 1 tells most
            # in the logarithm of what is left to 1, where that is next to nothing.
            slopes = 1 / (chosen.astype(np.float64) + 1e-6)
            return _ROUNDING + 2.0 ** -23 * slopes.sum() / abs(logs.sum(dtype=np.float64))

        return Scored({"pianoroll": str(events)}, log_likelihood, length, rounding)


def description(pianoroll: note_seq.PianorollSequence) -> dict[str, Any]:
    """The fields of a pianoroll."""
    return {"events": [[int(key) for key in event] for event in pianoroll],
            "start_step": pianoroll.start_step,
            "steps_per_quarter": pianoroll.steps_per_quarter}


def nade_weights(session: tf.Session) -> tuple[np.ndarray, np.ndarray]:
    """The NADE's encoder and decoder weights in a bundle's session, as Magenta's Nade has them."""
    read = {variable.op.name: variable for variable in
            session.graph.get_collection("trainable_variables")}
    return tuple(session.run([read["nade/w_enc"], read["nade/w_dec_t"]]))


def conditionals(session: tf.Session, bits: np.ndarray, b_enc: np.ndarray,
                 b_dec: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Magenta's Nade.log_prob with a bundle's weights.

    Args:
        session: of the bundle.
        bits: float32 [events, 88].
        b_enc: float32 [events, hidden units].
        b_dec: float32 [events, 88].

    Returns:
        The log probability of each event and the conditional probability of each bit.
    """
    weights = nade_weights(session)
    with tf.Graph().as_default(), tf.Session() as own_session:
        nade = Nade(88, b_enc.shape[1])
        placeholders = [tf.placeholder(tf.float32, [None, size])
                        for size in (88, b_enc.shape[1], 88)]
        results = nade.log_prob(*placeholders)
        for variable, value in zip((nade.w_enc, nade.w_dec_t), weights):
            variable.load(value, own_session)
        # With a row more than one, since Magenta's function squeezes a batch of one away.
        fed = [np.concatenate([values, values[:1]]) for values in (bits, b_enc, b_dec)]
        log_probs, probabilities = own_session.run(results, dict(zip(placeholders, fed)))
        return log_probs[:-1], probabilities[:-1]


def log_prob(session: tf.Session, bits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What Magenta's RnnNade.log_prob gives for each event of a sequence, with a bundle's weights.

    Args:
        session: of the bundle, whose graph's batch is 1.
        bits: float32 [1, events, 88].

    Returns:
        As `conditionals`.
    """
    collection = session.graph.get_collection
    inputs = np.pad(bits[:, :-1], [[0, 0], [1, 0], [0, 0]])
    b_enc, b_dec = session.run(collection("final_state")[:2], {collection("inputs")[0]: inputs})
    return conditionals(session, bits[0], b_enc, b_dec)
