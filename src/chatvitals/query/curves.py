"""A metric over time with the whole family of its statistics, and beside it the same of another window."""

from collections.abc import Sequence
from dataclasses import replace

from msgspec import Struct

from chatvitals.catalogue.measures import MEASURES_BY_NAME
from chatvitals.catalogue.metrics import QUANTILES, Metric, Statistic
from chatvitals.query.buckets import Steps
from chatvitals.query.build import Grouping, kind_of
from chatvitals.query.figures import Group, Source, ask
from chatvitals.query.request import Question, Window
from chatvitals.query.series import nice_step_ms
from chatvitals.query.snapshot import tidy

_OF_DISTRIBUTIONS = (*QUANTILES, "mean")


class Curve(Struct, frozen=True):
    """One statistic: its value in each step, None where nothing was measured, and the samples behind it."""

    statistic: Statistic
    values: tuple[float | None, ...]
    n: tuple[int, ...]


class Curves(Struct, frozen=True):
    """A metric and its relatives over the same steps, and the metric in the window compared with, step by step.

    `times` are the steps' starts, Unix milliseconds, and `end_ms` is the end of the last. `compared_times` are those of
    the other window.
    """

    step_ms: int
    times: tuple[int, ...]
    end_ms: int
    own: Curve
    relatives: tuple[Curve, ...]
    sessions: tuple[int, ...]
    compared: Curve | None
    compared_times: tuple[int, ...]


def relatives(metric: Metric) -> tuple[Metric, ...]:
    """The percentiles and the mean of what a metric is a percentile or the mean of, without itself."""
    if metric.statistic not in _OF_DISTRIBUTIONS:
        return ()
    if not metric.per_session and not MEASURES_BY_NAME[metric.measure].distribution:
        return ()
    kin = QUANTILES if metric.per_session else _OF_DISTRIBUTIONS  # of sessions only percentiles are asked for
    others: list[Statistic] = [one for one in ("p50", "p95", "p99", "mean") if one in kin and one != metric.statistic]
    return tuple(replace(metric, statistic=one) for one in others)


def take_curves(source: Source, question: Question, metric: Metric, compared: Window | None) -> Curves:
    """One metric's curves. Raises EngineError."""
    return take_curves_of(source, question, (metric,), compared)[metric.path]


def take_curves_of(
    source: Source, question: Question, metrics: Sequence[Metric], compared: Window | None
) -> dict[str, Curves]:
    """The curves of several metrics by path, in about a hundred round steps; the last one may not be over yet.

    Raises EngineError.
    """
    step = nice_step_ms(question.window.length_ms)
    window = _aligned(question.window, step)
    steps = _ask_steps(source, question.over(window), [kin for one in metrics for kin in (one, *relatives(one))], step)
    other = _aligned(compared, step) if compared else None
    before = _ask_steps(source, question.over(other), metrics, step) if other else []
    return {
        metric.path: Curves(
            step_ms=step,
            times=_times(window, step),
            end_ms=window.end_ms,
            own=_curve(metric, steps),
            relatives=tuple(_curve(one, steps) for one in relatives(metric)),
            sessions=tuple(group.sessions.get(kind_of(metric), 0) for group in steps),
            compared=_curve(metric, before) if other else None,
            compared_times=_times(other, step) if other else (),
        )
        for metric in metrics
    }


def _aligned(window: Window, step: int) -> Window:
    """From the start of the step that the window starts in."""
    return Window(window.start_ms // step * step, window.end_ms)


def _times(window: Window, step: int) -> tuple[int, ...]:
    return tuple(range(window.start_ms, window.end_ms, step))


def _ask_steps(source: Source, question: Question, family: Sequence[Metric], step: int) -> list[Group]:
    groups = ask(source, question, family, Grouping(Steps(step)))
    return [groups.get((place, ()), _EMPTY) for place in range(len(_times(question.window, step)))]


_EMPTY = Group()


def _curve(metric: Metric, steps: Sequence[Group]) -> Curve:
    figures = [group.figure(metric) for group in steps]
    return Curve(metric.statistic, tuple(tidy(figure.value) for figure in figures), tuple(one.n for one in figures))
