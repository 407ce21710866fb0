"""`/dashboard/customers/{customer}`: one customer's widgets: how they fare, in which releases and browsers, on which
pages; what is wrong now and was lately; and whose conversations were lost."""

from collections.abc import Callable
from dataclasses import dataclass

from chatvitals.alerting.open_incidents import open_incidents
from chatvitals.catalogue.metrics import METRICS_BY_PATH
from chatvitals.dashboard.customers.incidents import past_table, touches
from chatvitals.dashboard.customers.losses import losses_table
from chatvitals.dashboard.elements.alert import AlertRow, alert_rows, most_wanted_first
from chatvitals.dashboard.elements.card import Card, Deck
from chatvitals.dashboard.elements.health import HealthShown, show_health
from chatvitals.dashboard.elements.member import Member, assess_member, background_of, member_fields, metrics_needed
from chatvitals.dashboard.elements.standing import before_said, health_rank, traffic_trend
from chatvitals.dashboard.elements.table import Table, plain_table
from chatvitals.dashboard.elements.trend import Trend
from chatvitals.dashboard.naming import explain, name_of
from chatvitals.dashboard.page import Page, PageContext, Visit, help_
from chatvitals.dashboard.pages.alerts import silences_in_force
from chatvitals.dashboard.pages.customers import PATH, customer_href
from chatvitals.dashboard.pages.session import session_path
from chatvitals.dashboard.places import metric_href
from chatvitals.dashboard.saying import plural
from chatvitals.query.comparison import Comparison, stand
from chatvitals.query.health import LOSS_PATH
from chatvitals.query.request import Question
from chatvitals.query.sessions import list_sessions
from chatvitals.query.snapshot import Picture, health_of, take_pictures
from chatvitals.query.trends import take_trends, trend_window
from chatvitals.store.control.incidents import Incident, IncidentStatus, Wanted

CARDS = (
    (LOSS_PATH, "Data loss"),
    ("persistence.operations.successRate", "Persistence"),
    ("persistence.restoration.avgDuration", "Restore time, mean"),
    ("performance.renders.p95Time", "Render time, p95"),
    ("performance.scroll.avgFps", "Scroll frame rate"),
    ("memory.peak", "Peak heap, p95"),
    ("api.p95Duration", "API duration, p95"),
    ("api.errorRate", "API errors"),
)
TRENDS_FRESH_S = 60.0
"""Their steps are over: only what comes late changes them."""

MOST_MEMBERS = 10
MOST_LOSSES = 20
MOST_INCIDENTS = 20
RECENTLY_MS = 7 * 86_400_000
"""Incidents that are over are told for a week from their beginning."""

_MOST_READ = 1_000
_COLUMNS = ("health", "loss", "persistence", "render", "api", "sessions")


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerContext(PageContext):
    """One customer."""

    explained: str = help_("What the name stands for, where it is none of a customer's own; else empty")
    everyone: str = help_("Link to all customers")
    sessions: str = help_("Sessions and events in the window")
    sessions_href: str = help_("Link to its sessions; empty where they can't be asked for")
    traffic: Trend | None = help_("How its sessions moved")
    health: HealthShown = help_("Its score, and what each metric contributed")
    cards: tuple[Card, ...] = help_("The figures that its health is made of, and losses")
    alerts: tuple[AlertRow, ...] = help_("Open incidents that name it")
    past: Table = help_("Incidents that named it, began in the last week and are over")
    losses: Table = help_("Sessions that lost messages, the worst first")
    releases: Table = help_("How it fares in each release, those with the most sessions first")
    browsers: Table = help_("How it fares in each browser, those with the most sessions first")
    pages: Table = help_("Its pages, the worst first")


def build(visit: Visit) -> CustomerContext:
    """Ask for all of it about this customer alone."""
    customer, parts, settings = visit.path["customer"], visit.parts, visit.parts.settings
    view = visit.view.where("customer", *([customer] if customer else []))
    question = visit.view.question(visit.now_ms).where("customer", [customer])
    now, before = take_pictures(parts.source, question)
    said = before_said(question.window.length_ms)

    def href(path: str) -> str:
        """An address can't ask for those without a name alone; then the metric is broken down by customer."""
        return metric_href(view, path, by=None if customer else "customer")

    return CustomerContext(
        heading=name_of("customer", customer),
        explained=explain("customer", customer),
        everyone=visit.view.where("customer").href(PATH),
        sessions=f"{plural(now.coverage.sessions, 'session')}, {plural(now.coverage.events, 'event')}",
        sessions_href=view.href("/dashboard/sessions") if customer else "",
        traffic=traffic_trend(now.coverage.sessions, before.coverage.sessions, said),
        health=show_health(
            health_of(now, settings.health_weights, parts.bands, settings.min_samples), settings.health_weights, href
        ),
        cards=_cards(visit, question, now, before, href),
        alerts=_alerts(visit, question, customer),
        past=past_table(_past(visit, question, customer), visit.now_ms, visit.view),
        losses=losses_table(
            list_sessions(parts.source.engine, question, limit=MOST_LOSSES, wrong="loss").sessions,
            lambda one: visit.view.where("site", one.site).href(session_path(one.session)),
        ),
        releases=_by(visit, question, "release", "Releases"),
        browsers=_by(visit, question, "browser", "Browsers"),
        pages=_by(visit, question, "page", "Pages"),
    )


def _cards(
    visit: Visit, question: Question, now: Picture, before: Picture, href: Callable[[str], str]
) -> tuple[Card, ...]:
    parts = visit.parts
    window, step_ms = trend_window(question.window)
    trends = parts.recent.get(
        ("trends of a customer", window, question.scope, tuple(question.filters.items())),
        TRENDS_FRESH_S,
        lambda: take_trends(parts.source, question.over(window), step_ms, [METRICS_BY_PATH[path] for path, _ in CARDS]),
    )
    deck = Deck(
        now=now,
        before=before,
        before_said=before_said(question.window.length_ms),
        trends=trends.values,
        bands=parts.bands,
        min_samples=parts.settings.min_samples,
    )
    return tuple(deck.card(path, title, href(path)) for path, title in CARDS)


def _alerts(visit: Visit, question: Question, customer: str) -> tuple[AlertRow, ...]:
    found = [one for one in open_incidents(visit.parts.incidents, question) if touches(one, customer)]
    return tuple(sorted(alert_rows(found, silences_in_force(visit), visit.view), key=most_wanted_first))


def _past(visit: Visit, question: Question, customer: str) -> list[Incident]:
    wanted = Wanted(
        statuses=(IncidentStatus.RESOLVED,),
        sites=question.filters.get("site", ()),
        opened_from_ms=visit.now_ms - RECENTLY_MS,
    )
    found = [one for one in visit.parts.incidents.find(wanted, _MOST_READ) if touches(one, customer)]
    return found[:MOST_INCIDENTS]


def _by(visit: Visit, question: Question, dimension: str, title: str) -> Table:
    """How the customer fares in each value of a dimension; of pages the worst come first, else the most frequent."""
    parts, settings = visit.parts, visit.parts.settings
    standings = parts.recent.by_cost(
        ("customer", dimension, visit.path["customer"], visit.view.parameters),
        lambda: stand(parts.source, question, metrics_needed(parts.bands), dimension),
    )
    members = [
        assess_member(
            dimension, Comparison(value, standing, None), settings.health_weights, parts.bands, settings.min_samples
        )
        for value, standing in standings.items()
    ]
    members.sort(key=lambda one: (-one.sessions, one.value))
    if dimension == "page":
        members.sort(key=_worst_first)
    fields = member_fields(dimension, background_of(members, parts.bands, settings.min_samples, ""))
    return plain_table(
        f"{title}, {'worst' if dimension == 'page' else 'busiest'} first",
        [field for field in fields if field.key in (dimension, *_COLUMNS)],
        members[:MOST_MEMBERS],
        lambda one: _narrowed(visit, dimension, one.value),
        empty="Nothing was seen in this window.",
    )


def _narrowed(visit: Visit, dimension: str, value: str) -> str:
    """Link to the customer as it fares in one value alone; empty for what has no name, which an address can't say."""
    return customer_href(visit.view.where(dimension, value), visit.path["customer"]) if value else ""


def _worst_first(one: Member) -> tuple[bool, float]:
    rank = health_rank(one.health)
    return rank is None, rank or 0


PAGE = Page(f"{PATH}/{{customer:path}}", "customer", "Customer", "customer.html", build, section="customers")
