"""The bound on the bytes of all requests."""

import pytest

from magenta_serving.errors import ResourceExhaustedError
from magenta_serving.server.request_bytes import RequestBytes


def test_are_bounded_together():
    refused = []
    all_ = RequestBytes(100, refused.append)
    with all_.hold() as one, all_.hold() as other:
        one.add(50)
        other.add(40)
        one.add(10)
        with pytest.raises(ResourceExhaustedError, match="100 bytes of requests, and 1 more came"):
            other.add(1)
    assert refused == ["bytes"]
    with all_.hold() as held:
        held.add(100)


def test_stay_for_work_that_goes_on():
    all_, done = RequestBytes(100), []
    with all_.hold() as held:
        held.add(100)
        release = held.hand_over(lambda: done.append(True))
    with all_.hold() as other, pytest.raises(ResourceExhaustedError):
        other.add(1)
    release()
    assert done == [True]
    with all_.hold() as other:
        other.add(100)
