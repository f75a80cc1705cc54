"""Hypothesis looks for requests that differ and shrinks what it finds."""

from collections.abc import Callable

import hypothesis

from . import bundles, cases


def test_any_request(config: str, open_pipeline: Callable,
                     generations: Callable[[str], int]) -> None:
    """Any small request gives Magenta's sequence or Magenta's error."""
    pipeline = open_pipeline(bundles.first_of(config))

    @hypothesis.settings(max_examples=max(25, generations(config) // 2), deadline=None,
                         database=None, derandomize=True,
                         suppress_health_check=list(hypothesis.HealthCheck))
    @hypothesis.given(pipeline.family.requests(config))
    def equal(case: cases.Case) -> None:
        differences = pipeline.compare(case).differences
        assert not differences, pipeline.report(case, differences)

    equal()
