"""The native engine against Magenta: equal sequences, or a draw that rounding explains.

The native network rounds otherwise than the graph, by some 1e-7 of a probability. A draw compares a
uniform number with the cumulative sums of the probabilities, so once in a while one falls so near
to a sum that the two networks are on different sides of it; from there on the pieces differ. And
some networks of random weights are chaotic: what their states differ by grows from step to step.

So a sequence that differs from Magenta's is accepted only if both of this is shown. From each state
that Magenta's network was in, the native network makes the same step, to `ROUNDING`. And when it
goes Magenta's way from its own states, as it does in a generation, there is a first draw that ends
otherwise, which tells how far the networks had grown apart there, and how near the draw was to a
boundary.

The bits of a piano roll are draws, too. Magenta 2.1.4 sets one whose probability is at least a
half: there, that is the boundary.

Where all draws end alike, the sequences are equal. Of a chaotic network the log-likelihoods may
differ all the same; that is accepted if the first of the two is shown.
"""

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np

from .reference import Run, Trace

# Of probabilities.
ROUNDING = 1e-5


@dataclasses.dataclass(frozen=True)
class Explanation:
    """Why a sequence differs, or only its log-likelihood.

    Attributes:
        draw: the first of the draws that ends otherwise; None when all end alike.
        distance: of its uniform number from the nearest cumulative sum; 0 without such a draw.
        drift: the largest difference of its probabilities from the graph's, or of any draw's.
    """

    draw: int | None
    distance: float
    drift: float

    @property
    def at_boundary(self) -> bool:
        """Whether the networks had not grown apart: the usual case."""
        return self.draw is not None and max(self.distance, self.drift) <= ROUNDING

    def __str__(self) -> str:
        if self.draw is None:
            return f"only the log-likelihood differs; probabilities differ by {self.drift:.1e}"
        return (f"draw {self.draw} ends otherwise, {self.distance:.1e} from a boundary; "
                f"probabilities differ by {self.drift:.1e}")


def class_explanation(stages: Any, graph: Any, native: Any, seed: int,
                      trace: Trace) -> Explanation | None:
    """The first draw that the native network ends otherwise; None if it does not step as the graph.

    Args:
        stages: the bindings' module.
        graph: the bundle's graph in the bindings.
        native: the native network in the bindings.
        seed: of the generation.
        trace: of Magenta's generation.
    """
    for run in trace.runs:
        for (ours, _), (theirs, _) in _same_steps(graph, native, run, _temperature(run)):
            if np.abs(ours - theirs).max() > ROUNDING:
                return None
    ours = list(_draws(native, trace))
    indices = stages.choice(seed, ours)
    for draw, (index, (theirs, chosen)) in enumerate(zip(indices, trace.draws, strict=True)):
        if index != chosen:
            uniform = np.random.RandomState(seed).random_sample(draw + 1)[draw]
            sums = np.cumsum(theirs.astype(np.float64))
            return Explanation(draw, float(np.abs(sums / sums[-1] - uniform).min()),
                               float(np.abs(ours[draw] - theirs).max()))
    return Explanation(None, 0.0, max((float(np.abs(mine - theirs).max())
                                       for mine, (theirs, _) in zip(ours, trace.draws)), default=0.0))


def nade_explanation(stages: Any, graph: Any, native: Any, seed: int,
                     trace: Trace) -> Explanation | None:
    """Like `class_explanation` for RNN-NADEs, whose draws are the bits of each row of a run."""
    biases = native.num_hidden + native.input_size
    first, draw, drift = None, 0, 0.0
    own: dict[bytes, np.ndarray] = {}
    for run, limits in zip(trace.runs, _bounds(native, seed, trace)):
        for (*_, ours), (*_, theirs) in _same_steps(graph, native, run):
            ours, theirs = ours[:, :biases], theirs[:, :biases]
            if np.abs(ours - theirs).max() > ROUNDING * max(1, np.abs(theirs).max()):
                return None
        start = native.state_from_graph(run.state)
        state = np.stack([own.get(row.tobytes(), same) for row, same in zip(run.state, start)])
        for row, (bits, limit) in enumerate(zip(run.outputs[0], limits, strict=True)):
            same = _conditionals(native, start[row], bits)
            if np.any(((same >= limit) != bits) & (np.abs(same - limit) > ROUNDING)):
                return None
            mine = _conditionals(native, state[row], bits)
            drift = max(drift, float(np.abs(mine - same).max()))
            other = np.flatnonzero((mine >= limit) != bits)
            if first is None and other.size:
                bit = other[0]
                first = Explanation(draw + int(bit), float(abs(mine[bit] - limit[bit])),
                                    float(np.abs(mine - same)[:bit + 1].max()))
            draw += bits.size
        _, _, state = native.step(run.inputs, state)
        own |= {row.tobytes(): mine for row, mine in zip(run.final_state, state)}
    return first or Explanation(None, 0.0, drift)


def _bounds(native: Any, seed: int, trace: Trace) -> Iterator[np.ndarray]:
    """What the probability of each bit of a run has to reach, [rows, bits], for each run."""
    random = np.random.RandomState(seed)
    for run in trace.runs:
        shape = run.outputs[0].shape
        yield np.full(shape, 0.5) if native.thresholds else (
            random.random_sample(shape).astype(np.float32))


def _conditionals(native: Any, state: np.ndarray, bits: np.ndarray) -> np.ndarray:
    """The probability of each bit, given those before it."""
    hidden = native.num_hidden
    probabilities, _ = native.conditionals(state[:hidden], state[hidden:hidden + bits.size], bits)
    return np.array(probabilities)


def _temperature(run: Run) -> float:
    return 1.0 if run.temperature is None else run.temperature


def _same_steps(graph: Any, native: Any, run: Run, *temperature: float) -> Iterator[tuple]:
    """What both networks make of each of the run's steps, both from the graph's state before it."""
    state = run.state
    for step in range(run.inputs.shape[1]):
        inputs = np.ascontiguousarray(run.inputs[:, step:step + 1])
        ours = native.step(inputs, native.state_from_graph(state), *temperature)
        theirs = graph.step(inputs, state, *temperature)
        state = theirs[-1]
        yield ours, theirs


def _draws(native: Any, trace: Trace) -> Iterator[np.ndarray]:
    """The probabilities of each draw when the native network goes Magenta's way."""
    sizes = iter([len(probabilities) for probabilities, _ in trace.draws])
    # A row of a beam goes on from a row of some run before.
    own: dict[bytes, np.ndarray] = {}
    for run in trace.runs:
        start = native.state_from_graph(run.state)
        state = np.stack([own.get(row.tobytes(), first)
                          for row, first in zip(run.state, start)])
        softmax, state = native.step(run.inputs, state, _temperature(run))
        own |= {row.tobytes(): ours for row, ours in zip(run.final_state, state)}
        for row in softmax:
            rest = row[-1]
            while rest.size:  # One head after another.
                size = next(sizes)
                yield rest[:size]
                rest = rest[size:]
