"""The bounded thread pool in which requests are worked on."""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from magenta_serving.errors import DeadlineExceededError, ResourceExhaustedError
from magenta_serving.server.rate_limit import TokenBucket


class WorkQueue:
    """Runs functions in `threads` threads and refuses work when `max_queued` more are waiting."""

    def __init__(self, threads: int, max_queued: int, max_per_second: float = 0.0,
                 on_refused: Callable[[str], None] = lambda reason: None):
        """Args:
          threads: functions that run at one time.
          max_queued: functions that may wait.
          max_per_second: functions that are taken in a second; 0 for no bound.
          on_refused: called with "queue" or "rate", the bound for which a function was refused.
        """
        self._on_refused = on_refused
        self._threads = threads
        self._rate = max_per_second
        self._bucket = TokenBucket(max_per_second) if max_per_second else None
        self._executor = ThreadPoolExecutor(threads, "request")
        self._capacity = threads + max_queued
        self._lock = threading.Lock()
        self._unfinished = 0

    @property
    def capacity(self) -> int:
        """Functions that may run and wait."""
        return self._capacity

    @property
    def unfinished(self) -> int:
        """Functions that run or wait."""
        return self._unfinished

    @property
    def running(self) -> int:
        """Functions that run."""
        return min(self._unfinished, self._threads)

    @property
    def waiting(self) -> int:
        """Functions that wait for a thread."""
        return max(0, self._unfinished - self._threads)

    async def run(self, function: Callable[[], Any], deadline: float | None,
                  on_done: Callable[[], None],
                  on_abandoned: Callable[[], None] = lambda: None) -> Any:
        """Returns what `function` returns in a worker thread.

        If the caller is cancelled or its deadline passes, a function that waits is dropped; one
        that runs is told by `on_abandoned`, and goes on unseen until it ends.

        Args:
          function: the work.
          deadline: by time.monotonic(), or None.
          on_done: called once when the function has ended or was dropped, from any thread.
          on_abandoned: called when nobody waits for the result any more.

        Raises:
          ResourceExhaustedError: too many are waiting, or came in this second.
          DeadlineExceededError: the deadline passed.
        """
        # Taken out when it runs or is dropped, which the executor remembers for longer.
        work = [function]
        try:
            future = self._submit(lambda: work.pop()())
        except Exception:
            work.clear()
            on_done()
            raise

        def finish(_: Future) -> None:
            work.clear()
            self._finish(on_done)

        future.add_done_callback(finish)
        try:
            timeout = None if deadline is None else deadline - time.monotonic()
            async with asyncio.timeout(timeout):
                # Forgotten at once: an error that it holds would in its traceback hold this frame,
                # and so keep itself and the request.
                waited = asyncio.wrap_future(future)
                del future
                try:
                    return await waited
                finally:
                    del waited
        except TimeoutError:
            on_abandoned()
            raise DeadlineExceededError("Deadline exceeded") from None
        except asyncio.CancelledError:
            on_abandoned()
            raise

    def close(self) -> None:
        """Drops what waits; does not wait for what runs."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _submit(self, function: Callable[[], Any]) -> Future:
        if self._bucket and not self._bucket.take():
            self._on_refused("rate")
            raise ResourceExhaustedError(
                f"The server takes {self._rate:g} requests a second; try again later")
        with self._lock:
            unfinished = self._unfinished
            if unfinished < self._capacity:
                self._unfinished += 1
        if unfinished >= self._capacity:
            self._on_refused("queue")
            raise ResourceExhaustedError(
                f"The server is busy: {unfinished} requests are running or waiting")
        try:
            return self._executor.submit(function)
        except RuntimeError:
            # No thread could be started.
            with self._lock:
                self._unfinished -= 1
            raise

    def _finish(self, on_done: Callable[[], None]) -> None:
        with self._lock:
            self._unfinished -= 1
        on_done()
