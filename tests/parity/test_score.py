"""The signature `score` against Magenta's `melody_log_likelihood`, and event by event."""

import random
from collections.abc import Callable

import note_seq
import numpy as np
import pytest

from . import bundles, compare, families, table

# Magenta's method indexes wrongly unless the graph's batch is 1, so only those are compared.
_BUNDLES = [bundle for bundle in [*bundles.made(), *bundles.real(), *bundles.demo()]
            if bundle.batch_size == 1]


@pytest.mark.parametrize("bundle", _BUNDLES, ids=lambda bundle: bundle.name)
def test_score(bundle: bundles.Bundle, open_pipeline: Callable,
               counts: table.Table) -> None:
    """Random melodies: the total is Magenta's, rounded to float32, and events add up to it."""
    opened = open_pipeline(bundle)
    model = opened.reference.generator._model
    rng = random.Random(bundle.name)
    for length in (2, 3, 17, 40, 100):
        melody = note_seq.Melody(opened.reference.family.random_events(
            rng, families.configs()[bundle.config], length))
        with np.errstate(divide="ignore"):
            theirs = model.melody_log_likelihood(melody)
        outputs = opened.servable.predict({"melody": str(list(melody))}, signature="score")
        same = compare.same_bits(outputs["log_likelihood"], np.float32(theirs))
        counts.add(bundle.config, "score", 1, not same)
        assert same, (list(melody), outputs["log_likelihood"], theirs)
        events = outputs["event_log_likelihoods"]
        assert events.shape == (length - 1,)
        np.testing.assert_allclose(events.sum(dtype=np.float64), theirs, rtol=1e-5)
