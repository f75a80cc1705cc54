"""CPython's sets: the order in which integers are iterated, however a set was made."""

import copy
import random


def test_order() -> None:
    """Sets from lists, their copies and differences, of all sizes that occur and larger ones."""
    from magenta_serving._servable import stages

    rng = random.Random(0)
    for size in [*range(0, 41), 88, 300] * 100:
        span = rng.choice((12, 88, 128, 2 ** 31))
        values = [rng.randrange(span) for _ in range(size)]
        made = set(values)
        assert stages.set_of(values) == list(made), values
        assert stages.set_copy(values) == list(made.copy()), values
        frozen = frozenset(values)
        assert stages.set_of(list(frozen)) == list(copy.deepcopy(frozen)), values
        # Events are sorted tuples.
        a = tuple(sorted(made))
        b = rng.sample(a, rng.randint(0, len(a))) + [rng.randrange(span)]
        assert stages.set_difference(list(a), b) == list(set(a) - set(b)), (a, b)
