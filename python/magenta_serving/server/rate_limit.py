"""How many requests a second are let in."""

import threading
import time
from collections.abc import Callable


class TokenBucket:
    """Lets `rate` requests through a second; after a pause, one second's worth at once. Thread-safe.
    """

    def __init__(self, rate: float, clock: Callable[[], float] = time.monotonic):
        """Args:
          rate: requests a second, above 0.
          clock: returns seconds.
        """
        self._rate, self._clock = rate, clock
        self._capacity = max(1.0, rate)
        self._tokens, self._time = self._capacity, clock()
        self._lock = threading.Lock()

    def take(self) -> bool:
        """Returns whether a request may pass now."""
        with self._lock:
            now = self._clock()
            self._tokens = min(self._capacity, self._tokens + (now - self._time) * self._rate)
            self._time = now
            if self._tokens < 1:
                return False
            self._tokens -= 1
            return True
