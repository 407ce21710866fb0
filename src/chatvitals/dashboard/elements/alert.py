"""Alerts as people read them: what is wrong, how grave, since when, for whom, and what can be done about it. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from chatvitals.alerting.routing.matchers import BadMatcher, all_match, parse_matcher
from chatvitals.alerting.routing.routes import labels_of
from chatvitals.catalogue.severities import Severity
from chatvitals.dashboard.elements.table import Cell
from chatvitals.dashboard.saying import count, plural
from chatvitals.dashboard.view import View, segment
from chatvitals.query.request import FILTERABLE
from chatvitals.store.control.incidents import Blast, Incident, IncidentStatus
from chatvitals.store.control.silences import Silence

SEVERITY_SHAPES = {Severity.INFO: "○", Severity.WARNING: "▲", Severity.ERROR: "■", Severity.CRITICAL: "◆"}
"""Each severity has a shape of its own; classes make the graver ones heavier."""

_GRADES = {"info": "", "warning": "warning", "error": "bad", "critical": "bad"}

SAID_ELSEWHERE = ("rule", "category", "severity")
"""Labels that the rest of a row says."""


@dataclass(frozen=True, slots=True)
class SeverityMark:
    """`name` is the word and the class, `shape` stands before it."""

    name: str
    shape: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRow:
    """An incident in a list.

    `where` is what it is about, `blast` whom it touches; both may be empty. `handled_by` is who took it on,
    `resolved_by` who ended it, empty for its rule. `silenced_until_ms` is when the last silence that hides it ends.
    The links to actions are empty where there is nothing to do any more.
    """

    id: str
    title: str
    message: str
    severity: SeverityMark
    status: str
    where: str
    blast: str
    opened_ms: int
    resolved_ms: int | None
    handled_by: str
    resolved_by: str
    silenced_until_ms: int | None
    href: str
    acknowledge: str
    resolve: str
    silence: str


def severity_mark(severity: Severity) -> SeverityMark:
    """How a severity is shown."""
    return SeverityMark(severity.value, SEVERITY_SHAPES[severity])


def severity_cell(name: str) -> Cell:
    """A severity in a table."""
    return Cell(name, grade=_GRADES[name], word="severity")


def alert_rows(incidents: Iterable[Incident], silences: Sequence[Silence], view: View) -> tuple[AlertRow, ...]:
    """Rows in the order of the incidents; `silences` are those in force."""
    return tuple(alert_row(incident, silenced_until_ms(incident, silences), view) for incident in incidents)


def most_wanted_first(row: AlertRow) -> tuple[bool, bool, int, int, str]:
    """The order in which people want to know of open alerts: what nobody has taken on or silenced, the gravest of it,
    the newest of that."""
    rank = Severity(row.severity.name).rank
    return row.silenced_until_ms is not None, bool(row.handled_by), -rank, -row.opened_ms, row.id


def alert_row(incident: Incident, silenced_ms: int | None, view: View) -> AlertRow:
    """One row; its links keep what is looked at."""
    path = f"/dashboard/alerts/{segment(incident.id)}"
    over = incident.status is IncidentStatus.RESOLVED
    return AlertRow(
        id=incident.id,
        title=incident.title,
        message=incident.message,
        severity=severity_mark(incident.severity),
        status=incident.status.value,
        where=say_where(incident.labels),
        blast=say_blast(incident.blast),
        opened_ms=incident.opened_ms,
        resolved_ms=incident.resolved_ms,
        handled_by=incident.acknowledged_by,
        resolved_by=incident.resolved_by,
        silenced_until_ms=None if over else silenced_ms,
        href=view.href(path),
        acknowledge="" if over or incident.status is IncidentStatus.ACKNOWLEDGED else f"{path}/acknowledge",
        resolve="" if over else f"{path}/resolve",
        silence="" if over else view.href("/dashboard/silences/new", alert=incident.id),
    )


def say_where(labels: Mapping[str, str]) -> str:
    """What an incident is about: "shop, customer acme, release 2.4.0"; its rule's own labels last."""
    told = {name: labels[name] for name in (*FILTERABLE, *labels) if labels.get(name) and name not in SAID_ELSEWHERE}
    return ", ".join(value if name == "site" else f"{name} {value}" for name, value in told.items())


def say_blast(blast: Blast) -> str:
    """Whom it touches: "3 of 41 customers, 12 of 300 sessions"; empty where nothing was counted."""
    parts = [
        _of(blast.customers, blast.customers_seen, "customer"),
        plural(blast.sites, "site") if blast.sites > 1 else "",
        plural(blast.releases, "release") if blast.releases > 1 else "",
        _of(blast.sessions, blast.sessions_seen, "session"),
    ]
    return ", ".join(part for part in parts if part)


def silenced_until_ms(incident: Incident, silences: Iterable[Silence]) -> int | None:
    """When the last of the silences that hide an incident ends; None where none does."""
    labels = labels_of(incident)
    return max((silence.ends_ms for silence in silences if _hides(silence, labels)), default=None)


def _hides(silence: Silence, labels: Mapping[str, str]) -> bool:
    try:
        return all_match(map(parse_matcher, silence.matchers), labels)
    except BadMatcher:  # one that can't be read hides nothing
        return False


def _of(touched: int, seen: int, what: str) -> str:
    if not touched:
        return ""
    return f"{count(touched)} of {plural(seen, what)}" if seen > touched else plural(touched, what)
