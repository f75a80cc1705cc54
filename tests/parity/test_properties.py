"""Hypothesis looks for requests that differ and shrinks what it finds."""

from collections.abc import Callable

import hypothesis
import pytest

from . import bundles, cases, families


@pytest.mark.parametrize("config", families.configs())
def test_any_request(config: str, open_pipeline: Callable, amount: Callable[[str], int]) -> None:
    """Any small request gives Magenta's sequence or Magenta's error."""
    bundle = next(bundle for bundle in bundles.made() if bundle.config == config)
    pipeline = open_pipeline(bundle)

    @hypothesis.settings(max_examples=max(25, amount("generations") // 2), deadline=None,
                         database=None, derandomize=True,
                         suppress_health_check=list(hypothesis.HealthCheck))
    @hypothesis.given(pipeline.reference.family.requests())
    def equal(case: cases.Case) -> None:
        differences = pipeline.compare(case).differences
        assert not differences, pipeline.report(case, differences)

    equal()
