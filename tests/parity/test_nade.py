"""RNN-NADE: the conditional probabilities that notes are drawn by, and what is drawn by them.

Old bundles draw notes within their graph, from a generator that cannot be seeded. The servable
draws outside of the graph, so that its proof has three parts: the conditional probabilities equal
those of Magenta's code and of the bundle's graph; draws follow them; and, in test_generate,
sequences are equal to Magenta's when its graph is fed numpy's random numbers in place of its own.
"""

import math
from collections.abc import Callable

import numpy as np
import pytest

from . import bundles, table
from .families import pianoroll

# Largest difference of a float32 probability that is computed in another order.
_ROUNDING = 2e-6


def _is_pianoroll(bundle: bundles.Bundle) -> bool:
    return bundle.config.startswith("rnn-nade")


def _states(opened, rng: np.random.RandomState, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Biases of a NADE after random events: those of the bundle's own graph, zeros first."""
    session = opened.reference.generator._model._session
    collection = session.graph.get_collection
    batch = opened.bundle.batch_size
    inputs = (rng.random_sample((batch, count, 88)) < 0.05).astype(np.float32)
    b_enc, b_dec = session.run(collection("final_state")[:2], {collection("inputs")[0]: inputs})
    zeros = [np.zeros((1, values.shape[1]), np.float32) for values in (b_enc, b_dec)]
    return (np.concatenate([zeros[0], b_enc[:count]]), np.concatenate([zeros[1], b_dec[:count]]))


@pytest.mark.bundles(only=_is_pianoroll)
def test_conditionals(bundle: bundles.Bundle, open_pipeline: Callable,
                      counts: table.Table) -> None:
    """Of random bits in many states, equal to Magenta's Nade.log_prob up to rounding."""
    opened = open_pipeline(bundle)
    rng = np.random.RandomState(0)
    b_enc, b_dec = _states(opened, rng, 60)
    bits = (rng.random_sample(b_dec.shape) < rng.choice([0.02, 0.1, 0.5], (len(b_dec), 1)))
    bits = bits.astype(np.float32)
    session = opened.reference.generator._model._session
    log_probs, theirs = pianoroll.conditionals(session, bits, b_enc, b_dec)
    for row in range(len(bits)):
        ours, log_prob = opened.step_model.conditionals(b_enc[row], b_dec[row], bits[row])
        np.testing.assert_allclose(ours, theirs[row], rtol=2e-5, atol=_ROUNDING)
        np.testing.assert_allclose(log_prob, log_probs[row], rtol=2e-5, atol=2e-4)
    counts.add(bundle.config, "sample", bits.size)


@pytest.mark.bundles(only=_is_pianoroll)
def test_the_graphs_own_samples(bundle: bundles.Bundle, open_pipeline: Callable,
                                counts: table.Table) -> None:
    """What the bundle's graph samples and says of it follows from the same conditionals."""
    opened = open_pipeline(bundle)
    model = opened.step_model
    session = opened.reference.generator._model._session
    collection = session.graph.get_collection
    b_enc, b_dec = _states(opened, np.random.RandomState(1), 60)
    initial = collection("initial_state")
    batch = bundle.batch_size
    for row in range(len(b_dec)):
        fed = {initial[0]: np.repeat(b_enc[row:row + 1], batch, 0),
               initial[1]: np.repeat(b_dec[row:row + 1], batch, 0)}
        sample, log_prob = session.run([collection("sample")[0], collection("log_prob")[0]], fed)
        probabilities, ours = model.conditionals(b_enc[row], b_dec[row], sample[0])
        np.testing.assert_allclose(ours, log_prob.reshape(-1)[0], rtol=2e-5, atol=2e-4)
        if model.thresholds:
            unclear = np.abs(np.array(probabilities) - 0.5) < _ROUNDING
            assert np.all((sample[0] == (np.array(probabilities) >= 0.5)) | unclear)
    counts.add(bundle.config, "sample", len(b_dec))


@pytest.mark.bundles(only=_is_pianoroll)
def test_draws_follow_the_conditionals(bundle: bundles.Bundle, open_pipeline: Callable) -> None:
    """Each drawn bit has its probability given those before it, at all levels of probability.

    The bits of a sample minus their conditional probabilities are a martingale, so that their sum
    over any choice of positions, divided by the root of the summed variances, is standard normal.
    With n bits of probability p in a bin, an error of d in all of them shifts the statistic by
    d * sqrt(n / (p * (1 - p))); the test demands less than 4.5 (6.8e-6 of true models fail in a
    bin), and so finds with a power of 0.97 or more an error of 6.4 standard errors, which is d =
    0.0135 where n = 56,000 bits have p = 0.5.
    """
    opened = open_pipeline(bundle)
    model = opened.step_model
    b_enc, b_dec = _states(opened, np.random.RandomState(2), 15)
    bits, probabilities = [], []
    for row in range(len(b_dec)):
        drawn = model.draw(b_enc[row], b_dec[row], row, 200)
        for sample in drawn:
            bits.append(sample)
            probabilities.append(model.conditionals(b_enc[row], b_dec[row], sample)[0])
    bits = np.array(bits, np.float64).reshape(-1)
    p = np.array(probabilities, np.float64).reshape(-1)
    for low, high in ((0, 0.02), (0.02, 0.1), (0.1, 0.3), (0.3, 0.7), (0.7, 0.9), (0.9, 1)):
        chosen = (low <= p) & (p < high)
        variance = np.sum(p[chosen] * (1 - p[chosen]))
        if variance < 20:
            continue
        z = np.sum(bits[chosen] - p[chosen]) / math.sqrt(variance)
        assert abs(z) < 4.5, (low, high, z, chosen.sum())
    assert np.sum(p * (1 - p)) > 500


@pytest.mark.bundles(only=lambda bundle: _is_pianoroll(bundle) and bundle.origin == "real")
def test_draws_are_distributed_as_the_graphs(bundle: bundles.Bundle,
                                             open_pipeline: Callable) -> None:
    """In one state, how often each key is down and how many are: the graph's draws and ours.

    Two samples of n = 3000 each. For a key that is down with probability p, the difference of the
    two frequencies has the standard error sqrt(2 p (1 - p) / n): 0.013 at p = 0.5, 0.0056 at 0.05.
    No key may differ by more than 4.5 of them (88 keys: a true model fails with 6e-4), so that an
    error of 6.4 of them, 0.083 at p = 0.5 and 0.036 at p = 0.05, is found with a power of 0.97. The
    sum of the squares has 88 degrees of freedom at most; over 160 fails with 5e-6.
    """
    opened = open_pipeline(bundle)
    model = opened.step_model
    if model.thresholds:
        pytest.skip("The graph of this bundle does not draw.")
    session = opened.reference.generator._model._session
    collection = session.graph.get_collection
    b_enc, b_dec = _states(opened, np.random.RandomState(3), 4)
    initial, n = collection("initial_state"), 3000
    fed = {initial[0]: b_enc[-1:], initial[1]: b_dec[-1:]}
    theirs = np.array([session.run(collection("sample")[0], fed)[0] for _ in range(n)])
    ours = model.draw(b_enc[-1], b_dec[-1], 4, n)
    assert len(np.unique(theirs, axis=0)) > 10  # It does draw.
    pooled = (theirs.mean(0) + ours.mean(0)) / 2
    error = np.sqrt(2 * pooled * (1 - pooled) / n)
    z = (ours.mean(0) - theirs.mean(0))[error > 0] / error[error > 0]
    assert np.abs(z).max() < 4.5, z
    assert np.sum(z ** 2) < 160
    sums = [values.sum(1) for values in (ours, theirs)]
    spread = math.sqrt((sums[0].var() + sums[1].var()) / n)
    assert abs(sums[0].mean() - sums[1].mean()) < 4.5 * spread


@pytest.mark.bundles(only=lambda bundle: _is_pianoroll(bundle) and bundle.fixed)
def test_sampling_by_seed(bundle: bundles.Bundle, open_pipeline: Callable) -> None:
    """The option `sample` draws notes by the seed: the same again, others with another."""
    opened = open_pipeline(bundle)
    chosen = {"sample": True} if opened.step_model.thresholds else {}

    def notes(seed: int) -> bytes:
        return opened.servable.predict(
            {"primer_pitches": "[60, 64, 67]", "num_steps": 24, "seed": seed, **chosen},
            signature="generate", outputs=["sequence_bytes"])["sequence_bytes"].item()

    assert notes(1) == notes(1)
    assert len({notes(seed) for seed in range(4)}) > 1
