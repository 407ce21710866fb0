"""How a figure moved against an earlier window, and whether that is better."""

from dataclasses import dataclass
from typing import Literal

from chatvitals.catalogue.metrics import Metric
from chatvitals.dashboard.elements.grades import COUNTED
from chatvitals.dashboard.saying import digits, show
from chatvitals.query.figures import Figure

_FLAT_SHARE, _FLAT_POINTS = 0.01, 0.05
"""Changes below a hundredth, or of percentages below so many points, are none."""

_QUIET_SHARE, _QUIET_POINTS = 0.05, 0.5
"""Below these a change is told, but not called better or worse: figures that nothing happened to swing by as much."""

_MANY_TIMES = 10
"""From so many times on a change is told as a multiple."""


@dataclass(frozen=True, slots=True)
class Trend:
    """`better` is None where too little moved, or no direction is the good one. `words` are the whole sentence."""

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
    if _is_within(metric, before.value, change, _FLAT_SHARE, _FLAT_POINTS):
        return Trend("flat", None, "±0", f"as in {before_said}")
    quiet = _is_within(metric, before.value, change, _QUIET_SHARE, _QUIET_POINTS)
    better = None if metric.higher_is_better is None or quiet else (change > 0) == metric.higher_is_better
    if before.value > 0 and now.value >= _MANY_TIMES * before.value:
        times = digits(now.value / before.value)
        return Trend("up", better, f"× {times}", f"{times} times as much as in {before_said}")
    text, words = _sized(metric, before.value, change)
    return Trend(
        "up" if change > 0 else "down",
        better,
        f"{'+' if change > 0 else '−'}{text}",
        f"{words} {'more' if change > 0 else 'less'} than in {before_said}",
    )


def _is_within(metric: Metric, before: float, change: float, share: float, points: float) -> bool:
    """Whether a change is below so many points of a percentage, or that share of anything else."""
    if metric.unit == "%":
        return abs(change) < points
    return change == 0 or abs(change) < share * abs(before)


def _sized(metric: Metric, before: float, change: float) -> tuple[str, str]:
    """The size of a change, short and in words."""
    size = abs(change)
    if metric.unit == "%":
        points = f"{size:.2f}".rstrip("0").rstrip(".")
        return f"{points} pt", f"{points} points"
    if not before:
        said = show(size, metric.unit).said
        return said, said
    share = f"{100 * size / abs(before):.2g}" if size < abs(before) else digits(round(100 * size / abs(before)))
    return f"{share} %", f"{share} %"
