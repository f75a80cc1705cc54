"""This project's servable, with each of its engines."""

import gc
import pathlib
import threading
from collections.abc import Mapping

import numpy as np

from ..configs import Config
from .engine import Engine

_SIGNATURE, _OUTPUT = "generate_sequence", "generated_sequence_bytes"


class _Servable(Engine):
    """In process, as Python calls it."""

    options: Mapping[str, object]

    def __init__(self) -> None:
        from magenta_serving import Servable

        self._load = Servable.load
        self._servable = None

    def load(self, config: Config, path: pathlib.Path) -> None:
        self._servable = None
        self._servable = self._load(path, **self.options)
        engine = self._servable.info["engine"]
        if engine != self.options["engine"]:
            raise RuntimeError(f"{path} runs on the engine {engine}")

    def unload(self) -> None:
        self._servable = None
        gc.collect()

    def generate(self, request: Mapping[str, bytes], seed: int) -> bytes:
        outputs = self._servable.predict({**request, "seed": seed}, _SIGNATURE, [_OUTPUT])
        return outputs[_OUTPUT].item()

    def generate_many(self, request: Mapping[str, bytes], in_flight: int, each: int) -> None:
        def work(first: int) -> None:
            for seed in range(first, first + each):
                self.generate(request, seed)

        threads = [threading.Thread(target=work, args=(each * i,)) for i in range(in_flight)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def generate_rows(self, request: Mapping[str, bytes], rows: int, each: int) -> None:
        """As `generate_many`, by requests that have `rows` rows."""
        for first in range(0, rows * each, rows):
            self._servable.predict({**request, "seed": np.arange(first, first + rows)},
                                   _SIGNATURE, [_OUTPUT])

    def num_parameters(self) -> int:
        """Numbers in the bundle's checkpoint."""
        return self._servable.info["parameters"]


class Native(_Servable):
    name, title = "native", "Magenta Serving"
    options = {"engine": "native"}


class NativeUnchecked(_Servable):
    name, title = "native-unchecked", "Magenta Serving, no self-check"
    options = {"engine": "native", "self_check": False}


class Session(_Servable):
    name, title = "session", "Magenta Serving, TensorFlow session"
    options = {"engine": "tensorflow"}
