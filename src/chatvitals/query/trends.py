"""The courses of metrics over a window, in steps that are over: for sparklines."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from chatvitals.catalogue.metrics import Metric
from chatvitals.query.buckets import Steps
from chatvitals.query.build import Grouping
from chatvitals.query.figures import Group, Source, ask
from chatvitals.query.request import Question, Window
from chatvitals.query.series import nice_step_ms

_POINTS = 60
"""At most, and at least half as many unless the window is shorter than its steps."""


class Trends(Struct, frozen=True):
    """For each metric, by path, its value in each step; None where nothing at all was seen, or it wasn't measured."""

    step_ms: int
    times: tuple[int, ...]
    values: dict[str, tuple[float | None, ...]]


def trend_window(window: Window) -> tuple[Window, int]:
    """The whole steps within a window, aligned so that they are the same until the next one is over; and their length.

    Whoever keeps trends keeps them by these and the question's filters and scope.
    """
    step = nice_step_ms(window.length_ms, _POINTS)
    end = window.end_ms // step * step
    return Window(min(end, -(-window.start_ms // step) * step), end), step


def take_trends(source: Source, question: Question, step_ms: int, metrics: Iterable[Metric]) -> Trends:
    """What metrics were in each step of a window that `trend_window` made. Raises EngineError."""
    metrics, window = tuple(metrics), question.window
    times = tuple(range(window.start_ms, window.end_ms, step_ms))
    groups = ask(source, question, metrics, Grouping(Steps(step_ms)), coarsely=True) if times and metrics else {}
    steps = [groups.get((place, ())) for place in range(len(times))]
    return Trends(step_ms, times, {metric.path: _course(metric, steps) for metric in metrics})


def _course(metric: Metric, steps: Sequence[Group | None]) -> tuple[float | None, ...]:
    return tuple(group.figure(metric).value if group is not None else None for group in steps)
