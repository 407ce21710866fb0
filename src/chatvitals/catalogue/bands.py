"""Bands: from which value on a metric is excellent, good, degraded or critical, and the score that follows."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

Grade = Literal["excellent", "good", "degraded", "critical"]


@dataclass(frozen=True, slots=True)
class Bands:
    """Bounds in the metric's unit. Falling bounds (99.5, 98, 95) mean that higher is better."""

    excellent: float
    good: float
    degraded: float
    natural_limit: float = 0.0

    @property
    def higher_is_better(self) -> bool:
        return self.excellent > self.degraded

    @property
    def zero(self) -> float:
        """Where the score reaches 0: as far beyond `degraded` as that lies beyond `good`, within the natural limit."""
        beyond = self.degraded + (self.degraded - self.good)
        return max(beyond, self.natural_limit) if self.higher_is_better else beyond

    def score(self, value: float) -> float:
        """Score from 0 to 100: linear from 100 at `excellent` over 90 at `good` and 60 at `degraded` to 0 at `zero`."""
        sign = -1 if self.higher_is_better else 1
        points = ((self.excellent, 100.0), (self.good, 90.0), (self.degraded, 60.0), (self.zero, 0.0))
        if sign * value <= sign * self.excellent:
            return 100.0
        for (left, upper), (right, lower) in pairwise(points):
            if sign * value <= sign * right:
                return upper - (upper - lower) * (value - left) / (right - left)
        return 0.0

    def grade(self, value: float) -> Grade:
        """Name the band; a value on a bound belongs to the better side, except for `excellent`."""
        sign = -1 if self.higher_is_better else 1
        if sign * value < sign * self.excellent:
            return "excellent"
        if sign * value <= sign * self.good:
            return "good"
        return "degraded" if sign * value <= sign * self.degraded else "critical"
