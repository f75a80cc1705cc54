"""The signature `score` against Magenta's `*_log_likelihood`, and event by event."""

import random
from collections.abc import Callable

import numpy as np
import pytest

from . import bundles, compare, families, table


# Magenta's methods index wrongly unless the graph's batch is 1, so only those are compared.
@pytest.mark.bundles(only=lambda bundle: bundle.batch_size == 1)
def test_score(bundle: bundles.Bundle, open_pipeline: Callable,
               counts: table.Table) -> None:
    """Random sequences: the total is Magenta's, rounded to float32, and events add up to it."""
    opened = open_pipeline(bundle)
    rng = random.Random(bundle.name)
    for length in (2, 3, 17, 40, 100):
        scored = opened.family.scored(rng, families.configs()[bundle.config], length)
        model = opened.reference.command_generator._model
        with opened.reference.repaired(), np.errstate(divide="ignore"):
            theirs = scored.log_likelihood(model)
            rounding = scored.rounding(model) if scored.rounding else 0.0
        outputs = opened.servable.predict(scored.inputs, signature="score")
        same = (bool(np.isclose(outputs["log_likelihood"], theirs, rtol=rounding, atol=0))
                if scored.rounding
                else compare.same_bits(outputs["log_likelihood"], np.float32(theirs)))
        counts.add(bundle.config, "score", 1, not same)
        assert same, (scored.inputs, outputs["log_likelihood"], theirs)
        events = outputs["event_log_likelihoods"]
        assert events.shape == (scored.num_events,)
        np.testing.assert_allclose(events.sum(dtype=np.float64), theirs, rtol=max(rounding, 1e-5))
