"""The bound on what requests may take together."""

import threading
from collections.abc import Callable
from typing import Self

from magenta_serving.errors import ResourceExhaustedError


class RequestBytes:
    """Counts the bytes of all requests that the server holds, as they were sent. Thread-safe."""

    def __init__(self, most: int, on_refused: Callable[[str], None] = lambda reason: None):
        """Args:
          most: bytes of all requests.
          on_refused: called with "bytes" when a request is refused.
        """
        self._most, self._on_refused = most, on_refused
        self._lock = threading.Lock()
        self._held = 0

    def hold(self) -> "HeldBytes":
        """Begins with a request of which nothing has come yet."""
        return HeldBytes(self)

    def _change(self, size: int) -> None:
        with self._lock:
            if size <= 0 or self._held + size <= self._most:
                self._held += size
                return
        self._on_refused("bytes")
        raise ResourceExhaustedError(
            f"The server is busy: it holds {self._held} bytes of requests, and {size} more came; "
            f"at most {self._most} are held")


class HeldBytes:
    """The bytes of one request. A context, at whose end they are gone unless they were handed over.
    """

    def __init__(self, of: RequestBytes):
        self._of = of
        self._size = 0
        self._handed_over = False

    def add(self, size: int) -> None:
        """Counts `size` bytes that came; raises ResourceExhaustedError if they are too many."""
        self._of._change(size)
        self._size += size

    def hand_over(self, on_done: Callable[[], None]) -> Callable[[], None]:
        """Keeps the bytes beyond the context, until what is returned is called, once.

        That calls `on_done`, too.
        """
        self._handed_over = True

        def release() -> None:
            self._release()
            on_done()

        return release

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if not self._handed_over:
            self._release()

    def _release(self) -> None:
        self._of._change(-self._size)
