"""Turns a version folder into a servable that is ready to answer."""

from collections.abc import Mapping
from typing import Any

from magenta_serving import protos

# Length of the piece that a new version generates before it answers requests.
_WARMUP_STEPS = 16


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
        """Loads and warms; raises ServableError."""
        # Here, because it loads TensorFlow's libraries.
        from magenta_serving.servable import Servable

        bundle = BundleServable(Servable.load(
            path, engine=self._engine, threads=self._threads, limits=self._limits))
        _warm(bundle)
        return bundle


def _warm(bundle: BundleServable) -> None:
    """Generates a short piece, so that the first request does not pay for what happens once."""
    signature = bundle.signature_defs[protos.DEFAULT_SIGNATURE]
    inputs = {"seed": 0, "num_steps": _WARMUP_STEPS, "steps_per_chord": 1}
    bundle.servable.predict(
        {name: value for name, value in inputs.items() if name in signature.inputs},
        signature=protos.DEFAULT_SIGNATURE, outputs=["sequence_bytes"])
