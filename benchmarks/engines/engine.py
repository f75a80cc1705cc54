"""The interface of all engines."""

import abc
import os
import pathlib
import statistics
import time
from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from ..configs import Config


class Engine(abc.ABC):
    """One way to run a bundle. Lives in a process of its own; imports what it needs when made.

    Attributes:
        name: of the command line's --engines and of results.
        title: in tables.
        is_exact: whether it gives the notes that Magenta gives for the same seed.
        in_flight: numbers of sequences that it can run at the same time.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    is_exact: ClassVar[bool] = True
    in_flight: ClassVar[tuple[int, ...]] = (1, 8, 32, 128)

    @classmethod
    def lacks(cls, config: Config) -> str | None:
        """Why it cannot run a config; None if it can."""
        return None

    def prepare(self, config: Config, path: pathlib.Path) -> None:
        """Makes of a bundle what the engine loads; not measured."""

    @abc.abstractmethod
    def load(self, config: Config, path: pathlib.Path) -> None:
        """Loads a bundle that was prepared, instead of the one loaded before."""

    @abc.abstractmethod
    def generate(self, request: Mapping[str, bytes], seed: int) -> bytes:
        """Generates one sequence for `configs.request`; a serialized NoteSequence, or nothing."""

    def generate_alone(self, request: Mapping[str, bytes], seed: int, seconds: float) -> float:
        """The median seconds of `generate`, called again and again for some seconds."""
        times: list[float] = []
        end = time.perf_counter() + seconds
        while not times or time.perf_counter() < end:
            start = time.perf_counter()
            self.generate(request, seed)
            times.append(time.perf_counter() - start)
        return statistics.median(times)

    def generate_many(self, request: Mapping[str, bytes], in_flight: int, each: int) -> None:
        """Generates `in_flight` times `each` sequences, `in_flight` of them at a time."""
        for seed in range(each * in_flight):
            self.generate(request, seed)

    def probabilities(self, inputs: np.ndarray) -> np.ndarray | None:
        """The softmax after each of a sequence's inputs, [steps, input_size], from the first state.

        Returns:
            [steps, classes], or None where only generations can be compared.
        """
        return None

    def steps(self, request: Mapping[str, bytes], seed: int) -> int:
        """Steps of the network in `generate`."""
        raise NotImplementedError

    def memory(self) -> tuple[float, float]:
        """The process's resident memory now and at most, MiB."""
        return memory_of(os.getpid())


def memory_of(pid: int) -> tuple[float, float]:
    """The resident memory of a process now and at most, MiB."""
    status = dict(line.split(":", 1) for line in
                  pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())
    return tuple(int(status[key].split()[0]) / 1024 for key in ("VmRSS", "VmHWM"))
