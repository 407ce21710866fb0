"""One metric over time, and one metric by the values of a dimension."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from chatvitals.catalogue.dimensions import DIMENSION_NAMES, breakdown_column
from chatvitals.catalogue.metrics import METRICS_BY_PATH, Metric
from chatvitals.errors import BadRequest
from chatvitals.query.buckets import Steps
from chatvitals.query.build import Grouping, kind_of
from chatvitals.query.figures import Figure, Group, GroupKey, Key, Source, ask
from chatvitals.query.request import Question
from chatvitals.query.snapshot import tidy

MAX_POINTS = 2_000
MAX_LINES = 50
_NICE_STEPS_S = (1, 5, 10, 15, 30, 60, 300, 600, 900, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400, 604_800)


class Line(Struct, rename="camel", frozen=True):
    """A metric over time: for each step its value (None where nothing was measured) and the samples behind it."""

    key: str
    values: list[float | None]
    n: list[int]


class Series(Struct, rename="camel", frozen=True):
    """Lines over the same steps; `times` are the steps' starts in Unix milliseconds, `step` is in milliseconds."""

    metric: str
    unit: str
    by: str | None
    step: int
    times: list[int]
    lines: list[Line]


class Part(Struct, rename="camel", frozen=True):
    """A metric for one value of a dimension; `share` is that value's share of the samples in percent."""

    key: str
    value: float | None
    n: int
    sessions: int
    share: float


class Breakdown(Struct, rename="camel", frozen=True):
    """A metric by the values of a dimension, those with the most samples first; `values` counts all there are."""

    metric: str
    unit: str
    by: str
    values: int
    parts: list[Part]


def find_metric(path: str) -> Metric:
    """A metric by its path. Raises BadRequest."""
    metric = METRICS_BY_PATH.get(path)
    if metric is None:
        raise BadRequest(f"there is no metric {path[:80]!r}; known ones are {', '.join(METRICS_BY_PATH)}", "metric")
    return metric


def _column(by: str, metric: Metric) -> str:
    column = breakdown_column(by, kind_of(metric))
    if column is None:
        raise BadRequest(
            f"{metric.path} can't be broken down by {by[:40]!r}: give site, {', '.join(DIMENSION_NAMES)}"
            " or a text field of its events",
            "by",
        )
    return column


def nice_step_ms(length_ms: int, points: int = 120) -> int:
    """A round step that cuts a window of `length_ms` into about `points`."""
    wanted_s = length_ms / 1_000 / points
    return 1_000 * next((step for step in _NICE_STEPS_S if step >= wanted_s), _NICE_STEPS_S[-1])


def series(source: Source, question: Question, path: str, step_ms: int | None, by: str | None) -> Series:
    """A metric over time, split by the 50 most frequent values of `by` if given. Raises BadRequest, EngineError."""
    metric = find_metric(path)
    window = question.window
    step = step_ms or nice_step_ms(window.length_ms)
    points = -(-window.length_ms // step)
    if points > MAX_POINTS:
        raise BadRequest(f"{points} points are too many: at most {MAX_POINTS}, so choose a longer step", "step")
    groups = ask(source, question, [metric], Grouping(Steps(step), (_column(by, metric),) if by else ()))
    times = [window.start_ms + place * step for place in range(points)]
    lines = []
    for key in _most_frequent(groups, metric) if by else [()]:
        figures = [groups.get((place, key), _EMPTY).figure(metric) for place in range(points)]
        lines.append(
            Line(key[0] if key else "", [tidy(figure.value) for figure in figures], [figure.n for figure in figures])
        )
    return Series(path, metric.unit, by, step, times, lines)


_EMPTY = Group()


def _most_frequent(groups: Mapping[GroupKey, Group], metric: Metric) -> list[Key]:
    totals: Counter[Key] = Counter()
    for (_, key), group in groups.items():
        totals[key] += group.figure(metric).n
    return sorted(totals, key=lambda key: (-totals[key], key))[:MAX_LINES]


def breakdown(source: Source, question: Question, path: str, by: str, limit: int) -> Breakdown:
    """A metric by the values of `by`, at most `limit` of them. Raises BadRequest, EngineError."""
    metric = find_metric(path)
    groups = ask(source, question, [metric], Grouping(columns=(_column(by, metric),)))
    figures = {key: group.figure(metric) for (_, (key,)), group in groups.items()}
    samples = sum(figure.n for figure in figures.values())
    ordered = sorted(figures.items(), key=lambda item: (-item[1].n, item[0]))
    return Breakdown(
        path, metric.unit, by, len(figures), [_part(key, figure, samples) for key, figure in ordered[:limit]]
    )


def _part(key: str, figure: Figure, samples: int) -> Part:
    share = 100 * figure.n / samples if samples else 0.0
    return Part(key, tidy(figure.value), figure.n, figure.sessions, round(share, 3))


def series_rows(answer: Series) -> Sequence[dict[str, Any]]:
    """A series as rows of a table."""
    return [
        {"time": time, "key": line.key, "value": value, "n": n}
        for line in answer.lines
        for time, value, n in zip(answer.times, line.values, line.n, strict=True)
    ]
