"""The whole picture of a window: health, every metric, coverage, and the window before."""

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from chatvitals.catalogue.bands import Bands
from chatvitals.catalogue.metrics import METRICS, Metric
from chatvitals.query.build import WHOLE, from_file
from chatvitals.query.figures import Figure, Group, Source, ask
from chatvitals.query.health import Health, assess
from chatvitals.query.request import Question
from chatvitals.query.rollups import ALL, TABS, Plan, read_query
from chatvitals.store.events.engine import Engine


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


def take_picture(source: Source, question: Question, metrics: Iterable[Metric] = METRICS) -> Picture:
    """Ask for all figures of a question's window. Raises EngineError."""
    group = ask(source, question, metrics, WHOLE).get((0, ""), Group())
    return Picture(
        {metric.path: group.figure(metric) for metric in metrics},
        _errors_by_type(source.engine, question),
        _coverage(source, question, group),
    )


def _errors_by_type(engine: Engine, question: Question) -> dict[str, dict[str, int]]:
    query = from_file("errors_by_type", question)
    counts: dict[str, dict[str, int]] = {"persistence": {}, "loss": {}}
    for row in engine.query(query.sql, query.parameters):
        counts[row["kind"]][row["type"]] = round(row["n"])
    return counts


def _coverage(source: Source, question: Question, group: Group) -> Coverage:
    plan = source.rollups.plan(question, WHOLE)
    if plan is not None and source.rollups.kinds_worth_it(plan, list(group.events)):
        return _rolled_up_coverage(source.engine, question, plan, group)
    query = from_file("coverage", question.without("page"))  # a tab's ordinals run across its pages
    row = source.engine.query(query.sql, query.parameters)[0]
    events = sum(group.events.values()) if "page" in question.filters else row["events"]
    return _covered(group, events, row["sessions"], row["tabs"], row["expected"], row["received"])


def _rolled_up_coverage(engine: Engine, question: Question, plan: Plan, group: Group) -> Coverage:
    """From hours: gaps between the last ordinal of one hour and the first of the next are not seen."""
    query = read_query([ALL, TABS], question, WHOLE, plan)
    rows = {row["measure"]: row for row in engine.query(query.sql, query.parameters)}
    every, tabs = rows.get(ALL, _NO_ROW), rows.get(TABS, _NO_ROW)
    return _covered(group, every["n"], every["sessions"], tabs["sessions"], round(tabs["total"]), tabs["n"])


_NO_ROW = {"n": 0, "sessions": 0, "total": 0.0}


def _covered(group: Group, events: int, sessions: int, tabs: int, expected: int, received: int) -> Coverage:
    return Coverage(
        events,
        sessions,
        tabs,
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
