"""The token bucket, by a clock that the test turns."""

import pytest

from magenta_serving.server.rate_limit import TokenBucket


class Clock:
    seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def passed(bucket: TokenBucket, tries: int) -> int:
    return sum(bucket.take() for _ in range(tries))


@pytest.mark.parametrize(("rate", "at_once"), [(5, 5), (2.5, 2), (0.5, 1)])
def test_lets_a_second_through_at_once(rate: float, at_once: int):
    assert passed(TokenBucket(rate, Clock()), 100) == at_once


def test_refills_at_its_rate():
    clock = Clock()
    bucket = TokenBucket(4, clock)
    assert passed(bucket, 10) == 4
    clock.seconds += 0.5
    assert passed(bucket, 10) == 2
    clock.seconds += 3600
    assert passed(bucket, 10) == 4


def test_less_than_one_a_second():
    clock = Clock()
    bucket = TokenBucket(0.25, clock)
    answers = []
    for _ in range(8):
        answers.append(bucket.take())
        clock.seconds += 1
    assert answers == [True, False, False, False] * 2
