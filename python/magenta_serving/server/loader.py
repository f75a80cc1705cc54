"""Turns a version folder into a servable that is ready to answer."""

from collections.abc import Callable, Mapping
from typing import Any

from magenta_serving import protos
from magenta_serving.server.options import ServerOptions


class BundleServable:
    """A loaded Magenta bundle and its parsed signatures.

    Attributes:
      servable: the magenta_serving.Servable.
      signature_defs: its SignatureDefs by name.
      family: its generator's.
      new_cancellation: makes a magenta_serving.servable.Cancellation for a call.
      new_usage: makes a magenta_serving.servable.Usage for a call.
    """

    def __init__(self, servable: Any, new_cancellation: Callable[[], Any],
                 new_usage: Callable[[], Any]):
        self.servable = servable
        self.new_cancellation = new_cancellation
        self.new_usage = new_usage
        self.family = servable.info["family"]
        self.signature_defs = {
            name: protos.SignatureDef.FromString(data)
            for name, data in servable.signature_defs.items()}


class BundleLoader:
    """Loads version folders (each holds one .mag file) with the options of this server."""

    def __init__(self, options: ServerOptions):
        self._options = options

    def __call__(self, path: str) -> BundleServable:
        """Loads, which runs a step of the network; raises ServableError."""
        # Here, because it loads TensorFlow's libraries.
        from magenta_serving.servable import Cancellation, Servable, Usage

        options = self._options
        return BundleServable(Servable.load(
            path, engine=options.engine, self_check=not options.skip_self_check,
            threads=options.threads, limits=options.limits), Cancellation, Usage)
