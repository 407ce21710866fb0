"""Seeded chance: the few distributions that the simulated world is drawn from."""

from bisect import bisect
from collections.abc import Sequence
from itertools import accumulate
from math import exp
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")


class Dice(Random):
    """A seeded generator. Equal seeds give equal draws, on every machine."""

    def chance(self, probability: float) -> bool:
        return self.random() < probability

    def around(self, median: float, spread: float) -> float:
        """Draw from a log-normal distribution: `spread` is the deviation of the logarithm. Two decimals."""
        return int(median * exp(spread * self.gauss()) * 100) / 100

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * self.random()

    def whole(self, low: int, high: int) -> int:
        """Draw a whole number, `low` included and `high` not."""
        return low + int(self.random() * (high - low))

    def several(self, mean: float) -> int:
        """Draw from a Poisson distribution of a small mean (Knuth, TAOCP 3.4.1)."""
        limit, product, count = exp(-mean), self.random(), 0
        while product > limit:
            product *= self.random()
            count += 1
        return count


class Weighted(Generic[T]):
    """Values that come up in proportion to their weights."""

    def __init__(self, values: Sequence[T], weights: Sequence[float]) -> None:
        self.values = values
        self._bounds = list(accumulate(weights))

    def pick(self, dice: Dice) -> T:
        return self.values[bisect(self._bounds, dice.random() * self._bounds[-1], hi=len(self._bounds) - 1)]
