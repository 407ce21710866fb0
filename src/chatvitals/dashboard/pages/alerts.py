"""The main page's alerts: those that are open, above its tabs; and what the tab Alerts shows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeVar, get_args

from chatvitals.alerting.open_incidents import open_incidents
from chatvitals.alerting.rule import Category
from chatvitals.alerting.rule_states import read_rule_states
from chatvitals.catalogue.severities import Severity
from chatvitals.dashboard.elements.alert import AlertRow, alert_rows, most_wanted_first, severity_cell
from chatvitals.dashboard.elements.rule_state import RuleStateRow, rule_state_rows
from chatvitals.dashboard.elements.silence import SilenceRow, silence_rows
from chatvitals.dashboard.elements.table import Cell, Column, Pager, Row, Table
from chatvitals.dashboard.page import Visit
from chatvitals.dashboard.saying import count, duration
from chatvitals.errors import BadRequest
from chatvitals.store.control.incident_statistics import IncidentStatistics
from chatvitals.store.control.incidents import IncidentStatus, Wanted
from chatvitals.store.control.silences import Silence, SilenceStatus

MAIN_PATH = "/dashboard/performance"
HISTORY_ROWS = 50
STATISTICS_MS = 30 * 86_400_000

_MOST_SILENCES = 1_000
_ENDED_SILENCES = 20
_CATEGORIES: tuple[str, ...] = get_args(Category)

One = TypeVar("One", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class HistoryFilter:
    """A choice above the history: the parameter, what it says, the values there are, and the one that is chosen."""

    name: str
    label: str
    values: tuple[str, ...]
    chosen: str


@dataclass(frozen=True, slots=True)
class Count:
    """How many of something there were; `share` of all in percent, `href` leads to them."""

    name: str
    number: str
    share: float
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertStatistics:
    """Of the last 30 days. Times are "–" where nothing was acknowledged or resolved."""

    total: str
    to_acknowledge: str
    to_resolve: str
    by_severity: tuple[Count, ...]
    by_category: tuple[Count, ...]
    noisiest: tuple[Count, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertsTab:
    """The tab: what happened, how often, how rules stand, and what nobody is told of.

    `kept` are the parameters that the form of the history's filters carries along.
    """

    history: Table
    filters: tuple[HistoryFilter, ...]
    kept: tuple[tuple[str, str], ...]
    statistics: AlertStatistics
    rules: tuple[RuleStateRow, ...]
    silences: tuple[SilenceRow, ...]
    ended_silences: tuple[SilenceRow, ...]


def active_alerts(visit: Visit) -> tuple[AlertRow, ...]:
    """The open alerts that the view's filters let through, those first that nobody has taken on or silenced."""
    found = open_incidents(visit.parts.incidents, visit.view.question(visit.now_ms))
    return tuple(sorted(alert_rows(found, silences_in_force(visit), visit.view), key=most_wanted_first))


def silences_in_force(visit: Visit) -> list[Silence]:
    """The silences that are active now."""
    return visit.parts.silences.find((SilenceStatus.ACTIVE,), visit.now_ms, _MOST_SILENCES)


def alerts_tab(visit: Visit) -> AlertsTab:
    """All of the tab but the open alerts. Raises BadRequest for a filter that there isn't."""
    parts, now_ms = visit.parts, visit.now_ms
    coming = (SilenceStatus.ACTIVE, SilenceStatus.PENDING)
    return AlertsTab(
        history=_history(visit),
        filters=_filters(visit),
        kept=(("tab", "alerts"), *visit.view.parameters),
        statistics=_statistics(visit),
        rules=rule_state_rows(parts.book.entries.values(), read_rule_states(parts.states).rules, visit.view),
        silences=silence_rows(parts.silences.find(coming, now_ms, _MOST_SILENCES), now_ms),
        ended_silences=silence_rows(parts.silences.find((SilenceStatus.EXPIRED,), now_ms, _ENDED_SILENCES), now_ms),
    )


def _filters(visit: Visit) -> tuple[HistoryFilter, ...]:
    choices: tuple[tuple[str, str, Iterable[str]], ...] = (
        ("status", "Status", IncidentStatus),
        ("severity", "Severity", Severity),
        ("category", "Category", _CATEGORIES),
        ("rule", "Rule", sorted(visit.parts.book.entries)),
    )
    return tuple(
        HistoryFilter(name, label, tuple(map(str, values)), visit.query.get(name, ""))
        for name, label, values in choices
    )


def _wanted(visit: Visit) -> Wanted:
    query = visit.query
    category = query.get("category", "")
    if category and category not in _CATEGORIES:
        raise BadRequest(f"category is one of {', '.join(_CATEGORIES)}", "category")
    return Wanted(
        statuses=_one_of(IncidentStatus, query, "status"),
        severities=_one_of(Severity, query, "severity"),
        categories=(category,) if category else (),
        rules=(query["rule"],) if "rule" in query else (),
        sites=visit.view.filters.get("site", ()),
    )


def _one_of(kind: type[One], query: Mapping[str, str], name: str) -> tuple[One, ...]:
    if name not in query:
        return ()
    try:
        return (kind(query[name]),)
    except ValueError as error:
        raise BadRequest(f"{name} is one of {', '.join(kind)}", name) from error


def _history(visit: Visit) -> Table:
    before = visit.query.get("before", "")
    found = visit.parts.incidents.find(_wanted(visit), HISTORY_ROWS + 1, visit.query.get("after", ""), before)
    more = len(found) > HISTORY_ROWS
    shown = found[-HISTORY_ROWS:] if before else found[:HISTORY_ROWS]
    rows = alert_rows(shown, (), visit.view)
    return Table(
        caption="History",
        columns=(
            Column("title", "Alert"),
            Column("severity", "Severity"),
            Column("where", "Where"),
            Column("opened", "Opened"),
            Column("lasted", "Lasted", "right"),
            Column("status", "Status"),
            Column("blast", "Touched"),
        ),
        rows=tuple(_history_row(row, visit.now_ms) for row in rows),
        pager=_pager(visit, [row.id for row in rows], more, before),
        empty="No alert is like this. Alerts of the last 400 days are kept, unless the settings say otherwise.",
    )


def _history_row(row: AlertRow, now_ms: int) -> Row:
    end_ms = now_ms if row.resolved_ms is None else row.resolved_ms
    handled = {"acknowledged": row.handled_by, "resolved": row.resolved_by or "itself"}
    status = f"{row.status} by {handled[row.status]}" if row.status in handled else row.status
    return Row(
        (
            Cell(row.title, exact=row.message),
            severity_cell(row.severity.name),
            Cell(row.where),
            Cell(moment_ms=row.opened_ms),
            Cell(duration(max(0, end_ms - row.opened_ms))),
            Cell(status),
            Cell(row.blast),
        ),
        row.href,
    )


def _pager(visit: Visit, ids: Sequence[str], more: bool, before: str) -> Pager | None:
    """Older incidents follow, newer ones stand before; which there are is known from where this page came from."""
    has_newer = more if before else "after" in visit.query
    has_older = True if before else more
    if not ids or not (has_newer or has_older):
        return None
    return Pager(
        f"{count(len(ids))} shown",
        _history_link(visit, before=ids[0]) if has_newer else "",
        _history_link(visit, after=ids[-1]) if has_older else "",
    )


def _history_link(visit: Visit, **more: str) -> str:
    kept = {name: visit.query[name] for name in ("status", "severity", "category", "rule") if name in visit.query}
    return visit.view.href(MAIN_PATH, tab="alerts", **kept, **more)


def _statistics(visit: Visit) -> AlertStatistics:
    since_ms = visit.now_ms - STATISTICS_MS
    found: IncidentStatistics = visit.parts.incidents.statistics(
        Wanted(sites=visit.view.filters.get("site", ()), opened_from_ms=since_ms)
    )
    by_severity = {one.value: found.by_severity.get(one.value, 0) for one in reversed(Severity)}
    noisiest = {one.rule: one.incidents for one in found.noisiest}
    return AlertStatistics(
        total=count(found.total),
        to_acknowledge=_mean(found.mean_to_acknowledge_ms),
        to_resolve=_mean(found.mean_to_resolve_ms),
        by_severity=_counts(visit, "severity", by_severity, found.total),
        by_category=_counts(visit, "category", found.by_category, found.total),
        noisiest=_counts(visit, "rule", noisiest, found.total),
    )


def _mean(ms: float | None) -> str:
    return "–" if ms is None else duration(ms)


def _counts(
    visit: Visit, parameter: Literal["severity", "category", "rule"], numbers: Mapping[str, int], total: int
) -> tuple[Count, ...]:
    return tuple(
        Count(
            name,
            count(number),
            100 * number / total if total else 0.0,
            visit.view.href(MAIN_PATH, tab="alerts", **{parameter: name}),
        )
        for name, number in numbers.items()
    )
