"""Turns a version folder into a servable that is ready to answer."""

from collections.abc import Mapping
from typing import Any

from magenta_serving import protos


class BundleServable:
    """A loaded Magenta bundle and its parsed signatures.

    Attributes:
      servable: the magenta_serving.Servable.
      signature_defs: its SignatureDefs by name.
    """

    def __init__(self, servable: Any):
        self.servable = servable
        self.signature_defs = {
            name: protos.SignatureDef.FromString(data)
            for name, data in servable.signature_defs.items()}


class BundleLoader:
    """Loads version folders (each holds one .mag file) with the options of this server."""

    def __init__(self, engine: str, threads: int, limits: Mapping[str, int] | None):
        self._engine, self._threads, self._limits = engine, threads, limits

    def __call__(self, path: str) -> BundleServable:
        """Loads, which runs a step of the network; raises ServableError."""
        # Here, because it loads TensorFlow's libraries.
        from magenta_serving.servable import Servable

        return BundleServable(Servable.load(
            path, engine=self._engine, threads=self._threads, limits=self._limits))
