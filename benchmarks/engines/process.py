"""An engine in a process of its own, so that none shares threads or memory with another."""

import multiprocessing
import os
import time
import traceback
from multiprocessing.connection import Connection
from typing import Any

from .engine import Engine


def _work(engine: type[Engine], connection: Connection) -> None:
    """Answers (method, arguments) with (seconds, result, error), until None comes."""
    # Before anything imports TensorFlow: Magenta's Keras, and no word about CPU features.
    os.environ["TF_USE_LEGACY_KERAS"] = "1"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    worker = engine()
    connection.send((0.0, None, None))
    while (call := connection.recv()) is not None:
        method, arguments = call
        start = time.perf_counter()
        try:
            result, error = getattr(worker, method)(*arguments), None
        except Exception:
            result, error = None, traceback.format_exc()
        connection.send((time.perf_counter() - start, result, error))


class Process:
    """A context manager; the process ends with it."""

    def __init__(self, engine: type[Engine]):
        self.engine = engine
        context = multiprocessing.get_context("spawn")
        self._connection, other = context.Pipe()
        self._process = context.Process(target=_work, args=(engine, other))
        self._process.start()
        other.close()
        self._connection.recv()

    def __enter__(self) -> "Process":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.send(None)
        self._process.join()

    def timed(self, method: str, *arguments: Any) -> tuple[float, Any]:
        """Calls a method of the engine: (its seconds there, its result).

        Raises:
            RuntimeError: with the traceback of what it raised.
        """
        self._connection.send((method, arguments))
        seconds, result, error = self._connection.recv()
        if error:
            raise RuntimeError(f"{self.engine.title}: {method} failed:\n{error}")
        return seconds, result

    def call(self, method: str, *arguments: Any) -> Any:
        """As `timed`; the result alone."""
        return self.timed(method, *arguments)[1]
