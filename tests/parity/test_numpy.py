"""Draws and logarithms equal numpy's, to the bit."""

import numpy as np
import pytest
from magenta_serving import errors

from . import compare


@pytest.mark.parametrize("seed", (0, 1, 12345, 2 ** 31, 2 ** 32 - 1))
def test_choice(seed: int) -> None:
    """A stream of draws from distributions of all sizes, flat ones and sharp ones."""
    from magenta_serving._servable import stages

    made = np.random.RandomState(5)
    distributions = []
    for _ in range(2000):
        logits = made.normal(0, made.choice((0.1, 3, 30)), made.choice((2, 38, 40, 130, 388)))
        exponents = np.exp((logits - logits.max()).astype(np.float32))
        distributions.append((exponents / exponents.sum()).astype(np.float32))
    np.random.seed(seed)
    theirs = [np.random.choice(len(p), p=p) for p in distributions]
    assert stages.choice(seed, distributions) == theirs


@pytest.mark.parametrize("probabilities", (
    [0.5, 0.4996], [0.5, 0.4999], [0.5, 0.50034], [0.5, 0.50036], [np.nan, 1.0], [-0.1, 1.1],
    [np.inf, 0.0], [1.0, 0.0]), ids=str)
def test_improper_distributions(probabilities: list[float]) -> None:
    """Distributions that numpy refuses are refused in its words."""
    from magenta_serving._servable import stages

    p = np.array(probabilities, np.float32)
    np.random.seed(1)
    try:
        theirs = np.random.choice(len(p), p=p)
    except ValueError as error:
        with pytest.raises(errors.ServableError) as raised:
            stages.choice(1, [p])
        assert raised.value.message == f"ValueError: {error}"
    else:
        assert stages.choice(1, [p]) == [theirs]


def test_log() -> None:
    """Logarithms of probabilities: all exponents, denormals, ends, and what has no logarithm."""
    from magenta_serving._servable import stages

    made = np.random.RandomState(9)
    bits = np.concatenate([
        made.randint(0, 0x3F800001, 1_000_000), made.randint(0, 0x00800000, 20_000),
        np.arange(0x3F800000 - 20_000, 0x3F800001)]).astype(np.uint32)
    values = np.concatenate([
        bits.view(np.float32), np.array([0, -0.0, -1, np.inf, np.nan, 2, 3e38], np.float32)])
    with np.errstate(divide="ignore", invalid="ignore"):
        theirs = np.log(values)
    ours = stages.numpy_log(values)
    assert compare.same_bits(ours, theirs), compare.array_difference(ours, theirs)
