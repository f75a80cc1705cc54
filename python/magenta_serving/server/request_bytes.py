"""The bound on what requests may take together."""

import contextlib
from collections.abc import Callable, Iterator

from magenta_serving.errors import ResourceExhaustedError


class RequestBytes:
    """Counts the bytes of all requests that the server holds. Belongs to one event loop."""

    def __init__(self, most: int, on_refused: Callable[[str], None] = lambda reason: None):
        """Args:
          most: bytes of all requests.
          on_refused: called with "bytes" when a request is refused.
        """
        self._most, self._on_refused = most, on_refused
        self._held = 0

    @contextlib.contextmanager
    def hold(self, size: int) -> Iterator[None]:
        """Counts a request of `size` bytes in; raises ResourceExhaustedError if it is too much."""
        if self._held + size > self._most:
            self._on_refused("bytes")
            raise ResourceExhaustedError(
                f"The server is busy: it holds requests of {self._held} bytes, and this one has "
                f"{size} more; at most {self._most} are held")
        self._held += size
        try:
            yield
        finally:
            self._held -= size
