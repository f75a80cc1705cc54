"""The native engine runs every bundle, and computes what the bundle's graph does."""

from collections.abc import Callable

from magenta_serving import Servable
from magenta_serving._servable import stages

from . import bundles


def test_logits(bundle: bundles.Bundle, open_pipeline: Callable) -> None:
    """The outputs are the graph's to 1e-5, each network on its own states.

    Over few steps: in networks of random weights, what states differ by may grow.
    """
    opened = open_pipeline(bundle)
    is_nade = not opened.family.draws_classes
    for seed in range(8):
        difference = stages.difference_from_graph(str(opened.bundle.path), is_nade, 16, seed)
        assert difference <= 1e-5


def test_no_bundle_is_left_behind(bundle: bundles.Bundle, open_pipeline: Callable) -> None:
    info = (open_pipeline(bundle).native or Servable.load(str(bundle.path))).info
    assert (info["engine"], info["not_native"]) == ("native", "")
