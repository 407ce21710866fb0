"""`/dashboard/performance`: how healthy, what is wrong now, and every figure, in tabs."""

from collections.abc import Hashable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from chatvitals.catalogue.metrics import METRICS, METRICS_BY_PATH
from chatvitals.dashboard.answers import (
    ROLLOUT_PATHS,
    Answer,
    Judge,
    answer_loss,
    answer_rollout,
    answer_speed,
)
from chatvitals.dashboard.elements.alert import AlertRow
from chatvitals.dashboard.elements.card import Card, Deck, anybody_seen
from chatvitals.dashboard.elements.health import HealthShown, show_health
from chatvitals.dashboard.elements.standing import before_said
from chatvitals.dashboard.elements.table import Cell, Column, Row, Table
from chatvitals.dashboard.layout import TABS, TABS_BY_NAME, Tab
from chatvitals.dashboard.page import Page, PageContext, Visit, help_
from chatvitals.dashboard.pages.alerts import AlertsTab, active_alerts, alerts_tab
from chatvitals.dashboard.places import metric_href
from chatvitals.dashboard.saying import count, share
from chatvitals.errors import BadRequest
from chatvitals.query.comparison import Standing, stand
from chatvitals.query.presence import anything_stored
from chatvitals.query.request import Question
from chatvitals.query.snapshot import TOGETHER_MS, Picture, health_of, take_pictures
from chatvitals.query.trends import Trends, take_trends, trend_window

PATH = "/dashboard/performance"

_PICTURES_KEPT_S = 5.0
_TRENDS_KEPT_S = 600.0
"""Steps that are over hardly change: what comes late is seen when the next one is over, or then."""

_RELEASES_KEPT_S = 10.0


@dataclass(frozen=True, slots=True)
class TabLink:
    """A tab of the page; `alerts` is how many are open, on the tab that has them."""

    name: str
    title: str
    href: str
    current: bool
    alerts: int = 0


@dataclass(frozen=True, slots=True)
class CardGroup:
    """Cards under one heading."""

    title: str
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformanceContext(PageContext):
    """The main page: the three questions, health, open alerts, and one tab of figures."""

    health: HealthShown = help_("The overall score, its categories, what caps it, and what each metric contributed")
    setup_href: str = help_("Where it is told how to begin; empty once anything came")
    answers: tuple[Answer, ...] = help_("Is anyone losing conversations, is it fast, is the rollout safe")
    alerts: tuple[AlertRow, ...] = help_(
        "The open alerts that the filters let through, those first nobody has taken on"
    )
    tabs: tuple[TabLink, ...] = help_("All tabs, with links to them")
    tab: str = help_("The name of the tab that is shown")
    groups: tuple[CardGroup, ...] = help_("The tab's cards in their sections")
    alerts_tab: AlertsTab | None = help_("What the tab Alerts shows; None on the others")
    errors: tuple[Table, ...] = help_("What failed operations and losses name as their errors; on the tab Persistence")


def build(visit: Visit) -> PerformanceContext:
    """Ask for the window, the one before it and the courses of the tab's metrics; what isn't shown isn't asked for."""
    parts, view = visit.parts, visit.view
    tab = _tab(visit)
    with ThreadPoolExecutor(1, "courses") as beside:  # two cores answer in the time of the longest question
        asked = beside.submit(lambda: (_trends(visit, tab).values if tab.sections else {}, _releases(visit)))
        now, before = _pictures(visit)
        trends, releases = asked.result()
    health = health_of(now, parts.settings.health_weights, parts.bands, parts.settings.min_samples)
    alerts = active_alerts(visit)
    deck = Deck(
        now=now,
        before=before,
        before_said=before_said(view.window(visit.now_ms).length_ms),
        trends=trends,
        bands=parts.bands,
        min_samples=parts.settings.min_samples,
    )
    return PerformanceContext(
        heading="Performance",
        health=show_health(health, parts.settings.health_weights, partial(metric_href, view)),
        setup_href="" if anybody_seen(now) or anything_stored(parts.source) else view.href("/dashboard/setup"),
        answers=_answers(visit, now, releases),
        alerts=alerts,
        tabs=tuple(
            TabLink(
                one.name,
                one.title,
                view.href(PATH, tab=None if one is TABS[0] else one.name),
                one is tab,
                len(alerts) if one.name == "alerts" else 0,
            )
            for one in TABS
        ),
        tab=tab.name,
        groups=tuple(
            CardGroup(
                section.title,
                tuple(
                    deck.card(place.path, place.title, metric_href(view, place.path), place.beside)
                    for place in section.places
                ),
            )
            for section in tab.sections
        ),
        alerts_tab=alerts_tab(visit) if tab is TABS_BY_NAME["alerts"] else None,
        errors=_error_tables(now) if tab is TABS_BY_NAME["persistence"] else (),
    )


def _tab(visit: Visit) -> Tab:
    name = visit.query.get("tab", TABS[0].name)
    if name not in TABS_BY_NAME:
        raise BadRequest(f"there is no tab {name[:40]!r}: give one of {', '.join(TABS_BY_NAME)}", "tab")
    return TABS_BY_NAME[name]


def _pictures(visit: Visit) -> tuple[Picture, Picture]:
    """The figures of the window and of the one before, shared by all tabs and by all who look at the same: while
    nothing is written, for some seconds; those of a day and more for what they cost."""
    parts, view = visit.parts, visit.view
    question = view.question(visit.now_ms)

    def take() -> tuple[Picture, Picture]:
        return take_pictures(parts.source, question, METRICS)

    if question.window.length_ms >= TOGETHER_MS:
        return parts.recent.by_cost(("pictures", *_same_for_a_step(question)), take)
    looked_at = (view.window_ms, view.range, tuple(question.filters.items()), question.scope)
    return parts.recent.get(("pictures", parts.written(), looked_at), _PICTURES_KEPT_S, take)


def _trends(visit: Visit, tab: Tab) -> Trends:
    question = visit.view.question(visit.now_ms)
    window, step = trend_window(question.window)
    return visit.parts.recent.get(
        ("trends", tab.name, *_same_for_a_step(question)),
        _TRENDS_KEPT_S,
        lambda: take_trends(visit.parts.source, question.over(window), step, tab.metrics),
    )


def _answers(visit: Visit, now: Picture, releases: Mapping[str, Standing]) -> tuple[Answer, ...]:
    parts, view = visit.parts, visit.view
    judge = Judge(parts.bands, parts.settings.min_samples)
    return (
        answer_loss(
            judge,
            now.figures,
            now.coverage.sessions,
            metric_href(view, "persistence.dataLoss.incidents"),
            seen=anybody_seen(now),
        ),
        answer_speed(judge, now.figures, view.href(PATH, tab="performance")),
        answer_rollout(judge, releases, view.href("/dashboard/releases")),
    )


def _releases(visit: Visit) -> Mapping[str, Standing]:
    question = visit.view.question(visit.now_ms)
    metrics = [METRICS_BY_PATH[path] for path in ROLLOUT_PATHS]
    return visit.parts.recent.get(
        ("rollout", *_same_for_a_step(question)),
        _RELEASES_KEPT_S,
        lambda: stand(visit.parts.source, question, metrics, "release"),
    )


def _same_for_a_step(question: Question) -> tuple[Hashable, ...]:
    """What questions have in common that are asked within a step of their trends."""
    return trend_window(question.window)[0], tuple(question.filters.items()), question.scope


def _error_tables(now: Picture) -> tuple[Table, ...]:
    """Errors by type, of failed operations and of losses."""
    return tuple(
        _error_table(caption, now.errors_by_type[kind], empty)
        for kind, caption, empty in (
            ("persistence", "Failed operations by error", "No operation failed."),
            ("loss", "Data loss by error", "No conversation was lost."),
        )
    )


def _error_table(caption: str, counts: Mapping[str, int], empty: str) -> Table:
    total = sum(counts.values())
    return Table(
        caption,
        (Column("error", "Error"), Column("n", "Events", "right"), Column("share", "Share", "right")),
        tuple(
            Row((Cell(name), Cell(count(n), share=100 * n / total), Cell(share(100 * n / total), "%")))
            for name, n in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        ),
        empty=empty,
    )


PAGE = Page(PATH, "performance", "Performance", "performance.html", build)
