"""The bounded thread pool in which requests are worked on."""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from magenta_serving.errors import DeadlineExceededError, ResourceExhaustedError


class WorkQueue:
    """Runs functions in `threads` threads and refuses work when `max_queued` more are waiting."""

    def __init__(self, threads: int, max_queued: int):
        self._executor = ThreadPoolExecutor(threads, "request")
        self._capacity = threads + max_queued
        self._lock = threading.Lock()
        self._unfinished = 0

    @property
    def unfinished(self) -> int:
        """Functions that run or wait."""
        return self._unfinished

    async def run(self, function: Callable[[], Any], deadline: float | None,
                  on_done: Callable[[], None]) -> Any:
        """Returns what `function` returns in a worker thread.

        If the caller is cancelled or its deadline passes, a function that waits is dropped; one
        that runs goes on to its end unseen (it is expected to know the deadline).

        Args:
          function: the work.
          deadline: by time.monotonic(), or None.
          on_done: called once when the function has ended or was dropped, from any thread.

        Raises:
          ResourceExhaustedError: too many are waiting.
          DeadlineExceededError: the deadline passed.
        """
        try:
            future = self._submit(function)
        except ResourceExhaustedError:
            on_done()
            raise
        future.add_done_callback(lambda _: self._finish(on_done))
        try:
            timeout = None if deadline is None else deadline - time.monotonic()
            async with asyncio.timeout(timeout):
                return await asyncio.wrap_future(future)
        except TimeoutError:
            raise DeadlineExceededError("Deadline exceeded") from None

    def close(self) -> None:
        """Drops what waits; does not wait for what runs."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _submit(self, function: Callable[[], Any]) -> Future:
        with self._lock:
            if self._unfinished >= self._capacity:
                raise ResourceExhaustedError(
                    f"The server is busy: {self._unfinished} requests are running or waiting")
            self._unfinished += 1
        return self._executor.submit(function)

    def _finish(self, on_done: Callable[[], None]) -> None:
        with self._lock:
            self._unfinished -= 1
        on_done()
