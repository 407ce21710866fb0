"""How a figure moved against an earlier window, and whether that is better."""

from dataclasses import dataclass
from typing import Literal

from chatvitals.catalogue.metrics import Metric
from chatvitals.dashboard.elements.grades import COUNTED
from chatvitals.dashboard.saying import digits, show
from chatvitals.query.figures import Figure

_FLAT_SHARE = 0.01
_FLAT_POINTS = 0.05
"""Changes below a hundredth, or of percentages below so many points, are none."""


@dataclass(frozen=True, slots=True)
class Trend:
    """`better` is None where nothing moved, or no direction is the good one. `words` are the whole sentence."""

    direction: Literal["up", "down", "flat"]
    better: bool | None
    text: str
    words: str


def trend(metric: Metric, now: Figure, before: Figure, min_samples: int, before_said: str) -> Trend | None:
    """The change from `before` to `now`; None where either is unknown or has too few samples.

    `before_said` names the earlier window: "the hour before". Percentages change by points, all else by its share.
    """
    if now.value is None or before.value is None:
        return None
    if metric.statistic not in COUNTED and min(now.n, before.n) < min_samples:
        return None
    change = now.value - before.value
    if _is_flat(metric, before.value, change):
        return Trend("flat", None, "±0", f"as in {before_said}")
    text, words = _sized(metric, before.value, change)
    better = None if metric.higher_is_better is None else (change > 0) == metric.higher_is_better
    return Trend(
        "up" if change > 0 else "down",
        better,
        f"{'+' if change > 0 else '−'}{text}",
        f"{words} {'more' if change > 0 else 'less'} than in {before_said}",
    )


def _is_flat(metric: Metric, before: float, change: float) -> bool:
    if metric.unit == "%":
        return abs(change) < _FLAT_POINTS
    return change == 0 or abs(change) < _FLAT_SHARE * abs(before)


def _sized(metric: Metric, before: float, change: float) -> tuple[str, str]:
    """The size of a change, short and in words."""
    size = abs(change)
    if metric.unit == "%":
        points = f"{size:.2f}".rstrip("0").rstrip(".")
        return f"{points} pt", f"{points} points"
    if not before:
        said = show(size, metric.unit).said
        return said, said
    share = digits(100 * size / abs(before))
    return f"{share} %", f"{share} %"
