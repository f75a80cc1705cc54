"""What a process takes over time: memory, threads, file handles."""

import asyncio
import dataclasses
import os
import pathlib
import statistics
import time
from collections.abc import Callable

_REST_SECONDS = 3


@dataclasses.dataclass(frozen=True)
class Sample:
    """One look at a process; memory in bytes."""

    time: float
    memory: int
    threads: int
    handles: int


def look(pid: int) -> Sample:
    folder = pathlib.Path("/proc", str(pid))
    status = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines())
    return Sample(time.monotonic(), 1024 * int(status["VmRSS"].split()[0]),
                  int(status["Threads"]), len(os.listdir(folder / "fd")))


async def at_rest(pid: int) -> Sample:
    """Looks when the connections that clients closed have gone."""
    await asyncio.sleep(_REST_SECONDS)
    return look(pid)


async def watch(pid: int, samples: list[Sample], is_over: Callable[[], bool]) -> None:
    """Adds a sample each second until it is over."""
    while not is_over():
        samples.append(look(pid))
        await asyncio.sleep(1)


def run_on(processors: list[int]) -> None:
    """Moves all threads of this process there; the processes that it starts stay there, too."""
    for thread in os.listdir("/proc/self/task"):
        os.sched_setaffinity(int(thread), processors)


def level(samples: list[Sample], since: float, seconds: float) -> Sample:
    """The medians of the samples from `since` on, for so many seconds."""
    chosen = [sample for sample in samples if since <= sample.time < since + seconds]
    return Sample(since, *(int(statistics.median(getattr(sample, name) for sample in chosen))
                           for name in ("memory", "threads", "handles")))
