"""The whole picture of a window: health, every metric, coverage, and the window before."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from msgspec import Struct

from chatvitals.catalogue.bands import Bands
from chatvitals.catalogue.kinds import KINDS
from chatvitals.catalogue.metrics import METRICS, Metric
from chatvitals.query.buckets import Steps
from chatvitals.query.build import WHOLE, Grouping, from_file
from chatvitals.query.figures import Figure, Group, Source, ask
from chatvitals.query.health import Health, assess
from chatvitals.query.request import Question, Window
from chatvitals.query.rollups import ALL, TABS, Plan, read_query
from chatvitals.store.events.engine import Engine

TOGETHER_MS = 86_400_000
"""Up to this length a window and the one before it are asked for at once; longer ones gain from rollups instead."""


class KindCoverage(Struct, rename="camel", frozen=True):
    """Of one kind: events, the sessions that sent any, and their share of all sessions in percent."""

    n: int
    sessions: int
    session_share: float | None


class TelemetryLoss(Struct, rename="camel", frozen=True):
    """Events whose ordinals are missing between the first and the last that their tab sent; `rate` in percent."""

    expected: int
    received: int
    rate: float | None


class Coverage(Struct, rename="camel", frozen=True):
    """How much was seen, and so how sure the figures are."""

    events: int
    sessions: int
    tabs: int
    telemetry_loss: TelemetryLoss
    kinds: dict[str, KindCoverage]


class Picture(Struct, frozen=True):
    """Figures by path, error counts by type of operations and of losses, and coverage."""

    figures: dict[str, Figure]
    errors_by_type: dict[str, dict[str, int]]
    coverage: Coverage


def take_picture(source: Source, question: Question, metrics: Sequence[Metric] = METRICS) -> Picture:
    """The figures of a question's window: all, or those of some metrics. Raises EngineError."""
    return _take(source, question, metrics, WHOLE, [0])[0]


def take_pictures(source: Source, question: Question, metrics: Sequence[Metric] = METRICS) -> tuple[Picture, Picture]:
    """The figures of a question's window, and of the one before it. Raises EngineError."""
    window = question.window
    before = window.previous()
    if window.length_ms > TOGETHER_MS or source.rollups.outlived_raw(before.start_ms):
        return take_picture(source, question, metrics), take_picture(source, question.over(before), metrics)
    both = question.over(Window(before.start_ms, window.end_ms))
    earlier, now = _take(source, both, metrics, Grouping(Steps(window.length_ms)), [0, 1])
    return now, earlier


def _take(
    source: Source, question: Question, metrics: Sequence[Metric], grouping: Grouping, buckets: list[int]
) -> list[Picture]:
    with ThreadPoolExecutor(1, "coverage") as beside:  # takes about half as long as the figures, on another core
        asked = beside.submit(
            lambda: (errors_by_type(source.engine, question, grouping), _who_was_seen(source, question, grouping))
        )
        groups = ask(source, question, metrics, grouping)
        errors, seen = asked.result()
    pictures = []
    for bucket in buckets:
        group = groups.get((bucket, ()), Group())
        pictures.append(
            Picture(
                {metric.path: group.figure(metric) for metric in metrics},
                {kind: errors.get((bucket, kind), {}) for kind in ("persistence", "loss")},
                _coverage(seen.get(bucket, _NOTHING_SEEN), group),
            )
        )
    return pictures


def errors_by_type(
    engine: Engine, question: Question, grouping: Grouping = WHOLE
) -> dict[tuple[int, str], dict[str, int]]:
    """By time bucket and kind, how many failed operations and losses name which error. Raises EngineError."""
    query = from_file("errors_by_type", question, grouping)
    counts: dict[tuple[int, str], dict[str, int]] = {}
    for row in engine.query(query.sql, query.parameters):
        counts.setdefault((row["bucket"], row["kind"]), {})[row["type"]] = round(row["n"])
    return counts


class _Seen(NamedTuple):
    """Events, sessions, tabs, and ordinals expected and received."""

    events: int
    sessions: int
    tabs: int
    expected: int
    received: int


_NOTHING_SEEN = _Seen(0, 0, 0, 0, 0)


def _who_was_seen(source: Source, question: Question, grouping: Grouping) -> dict[int, _Seen]:
    plan = source.rollups.plan(question, grouping)
    if plan is not None and source.rollups.kinds_worth_it(plan, list(KINDS)):
        return _rolled_up_coverage(source.engine, question, grouping, plan)
    return _raw_coverage(source.engine, question, grouping)


def _raw_coverage(engine: Engine, question: Question, grouping: Grouping) -> dict[int, _Seen]:
    seen = _seen(engine, question, grouping)
    if "page" not in question.filters:
        return seen
    whole = _seen(engine, question.without("page"), grouping)  # a tab's ordinals run across its pages
    return {
        bucket: each._replace(expected=whole[bucket].expected, received=whole[bucket].received)
        for bucket, each in seen.items()
    }


def _seen(engine: Engine, question: Question, grouping: Grouping) -> dict[int, _Seen]:
    query = from_file("coverage", question, grouping)
    return {
        row["bucket"]: _Seen(row["events"], row["sessions"], row["tabs"], row["expected"], row["received"])
        for row in engine.query(query.sql, query.parameters)
    }


def _rolled_up_coverage(engine: Engine, question: Question, grouping: Grouping, plan: Plan) -> dict[int, _Seen]:
    """From hours: gaps between the last ordinal of one hour and the first of the next are not seen."""
    query = read_query([ALL, TABS], question, grouping, plan)
    seen: dict[int, _Seen] = {}
    for row in engine.query(query.sql, query.parameters):
        so_far = seen.get(row["bucket"], _NOTHING_SEEN)
        if row["measure"] == ALL:
            seen[row["bucket"]] = so_far._replace(events=row["n"], sessions=row["sessions"])
        else:
            seen[row["bucket"]] = so_far._replace(tabs=row["sessions"], expected=round(row["total"]), received=row["n"])
    return seen


def _coverage(seen: _Seen, group: Group) -> Coverage:
    expected, received, sessions = seen.expected, seen.received, seen.sessions
    return Coverage(
        seen.events,
        sessions,
        seen.tabs,
        TelemetryLoss(expected, received, 100 * (expected - received) / expected if expected else None),
        {
            kind: KindCoverage(n, group.sessions[kind], 100 * group.sessions[kind] / sessions if sessions else None)
            for kind, n in sorted(group.events.items())
        },
    )


def health_of(picture: Picture, weights: Mapping[str, float], bands: Mapping[str, Bands], min_samples: int) -> Health:
    """The health that a picture shows."""
    return assess(picture.figures, weights, bands, min_samples)


def figure_tree(picture: Picture) -> dict[str, Any]:
    """The figures nested by the parts of their paths, as the API gives them, with the error counts in their places."""
    tree: dict[str, Any] = {}
    for path, figure in picture.figures.items():
        *parents, leaf = path.split(".")
        place = tree
        for parent in parents:
            place = place.setdefault(parent, {})
        place[leaf] = tidy(figure.value)
    tree["persistence"]["errorsByType"] = picture.errors_by_type["persistence"]
    tree["persistence"]["dataLoss"]["errorsByType"] = picture.errors_by_type["loss"]
    return tree


def tidy(value: float | None) -> float | None:
    """A figure to seven significant digits: as many as single-precision values carry."""
    if value is None or isinstance(value, int):
        return value
    shortened = float(f"{value:.7g}")
    return int(shortened) if shortened.is_integer() else shortened
