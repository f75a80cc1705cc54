"""A bundle behind tensorflow_model_server, in place of the servable in this process."""

import functools
import pathlib
import shutil
import tempfile
from collections.abc import Mapping
from typing import Any

import numpy as np
from magenta_serving import MagentaClient

from ..servers import ModelServer


class RemoteServable:
    """What the comparison needs of `magenta_serving.Servable`, over gRPC."""

    def __init__(self, path: pathlib.Path, limits: Mapping[str, int]):
        """Starts a server of the bundle alone, with bounds on requests."""
        self._models = tempfile.TemporaryDirectory(prefix="magenta-serving-")
        version = pathlib.Path(self._models.name, "bundle", "1")
        version.mkdir(parents=True)
        shutil.copy(path, version)
        # The bundle's own graph, which gives Magenta's results to the bit.
        self._server = ModelServer(models=self._models.name, engine="tensorflow", limits=limits)
        self._client = MagentaClient(self._server.grpc_address)

    @functools.cached_property
    def signatures(self) -> Mapping[str, Any]:
        return self._client.signatures("bundle")

    def predict(self, inputs: Mapping[str, Any], signature: str | None = None,
                outputs: Any = None) -> dict[str, np.ndarray]:
        return self._client.predict("bundle", inputs, signature=signature, outputs=outputs)

    def close(self) -> None:
        self._client.close()
        self._server.stop()
        self._models.cleanup()
