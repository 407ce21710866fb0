"""`/dashboard/alerts/{id}`: the story of one alert, and what can be done about it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chatvitals.alerting import handling
from chatvitals.catalogue.metrics import METRICS_BY_PATH
from chatvitals.catalogue.units import in_words
from chatvitals.dashboard.elements.alert import AlertRow, alert_row, silenced_until_ms
from chatvitals.dashboard.elements.incident_story import StoryLine, ToldLine, story_lines, told_lines
from chatvitals.dashboard.page import Action, Done, Page, PageContext, Undo, Visit, help_
from chatvitals.dashboard.pages.alerts import silences_in_force
from chatvitals.dashboard.places import metric_href
from chatvitals.dashboard.view import View, segment
from chatvitals.errors import NotFound
from chatvitals.query.request import FILTERABLE
from chatvitals.store.control.incidents import Incident, IncidentStatus, Update
from chatvitals.store.control.outbox import LetterRecord

PATH = "/dashboard/alerts/{id}"

_MOST_LETTERS = 100
_HOUR_MS = 3_600_000
_DAY_MS = 24 * _HOUR_MS
_AROUND_MS = 30 * 60_000
"""How much before and after an incident its figures are shown."""


@dataclass(frozen=True, slots=True)
class Place:
    """A word that may lead somewhere."""

    words: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class NamedFact:
    """A figure told with the alert."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentContext(PageContext):
    """One incident, from its beginning to now."""

    alert: AlertRow = help_("What it is, how grave, and what can be done")
    value: str = help_("The value when it was last bad, in words")
    threshold: str = help_("The threshold then; empty where there is none")
    details: tuple[NamedFact, ...] = help_("Further figures that its rule tells")
    customers: tuple[Place, ...] = help_("The customers that it touches most")
    releases: tuple[Place, ...] = help_("The releases that it touches most")
    rule: Place = help_("The rule that found it")
    metric: Place = help_("Its metric over the time of the incident; no link where the rule is gone")
    sessions: str = help_("Link to the sessions of that time")
    runbook: str = help_("Address of what to do; empty where its rule names none")
    story: tuple[StoryLine, ...] = help_("What happened, the newest first")
    told: tuple[ToldLine, ...] = help_("Letters to receivers, the newest first")
    path: str = help_("The incident's own path, for its forms")
    api: str = help_("Link to the same as JSON")


def build(visit: Visit) -> IncidentContext:
    """Read the incident. Raises NotFound."""
    found = visit.parts.incidents.get(visit.path["id"])
    if found is None:
        raise NotFound(f"there is no alert {visit.path['id'][:64]!r}: it may be older than what is kept")
    incident, entries = found
    path = f"/dashboard/alerts/{segment(incident.id)}"
    then = view_of(incident, visit.view, visit.now_ms)
    return IncidentContext(
        heading=incident.title,
        alert=alert_row(incident, silenced_until_ms(incident, silences_in_force(visit)), visit.view),
        value="" if incident.value is None else in_words(incident.value, incident.unit),
        threshold="" if incident.threshold is None else in_words(incident.threshold, incident.unit),
        details=_details(incident.details),
        customers=_places(incident.blast.customer_names, then, "/dashboard/customers"),
        releases=tuple(
            Place(name, then.where("release", name).href("/dashboard/releases"))
            for name in incident.blast.release_names
        ),
        rule=_rule(visit, incident),
        metric=_metric(visit, incident, then),
        sessions=then.href("/dashboard/sessions"),
        runbook=incident.runbook,
        story=story_lines(entries, incident.unit),
        told=told_lines(_letters(visit, incident)),
        path=path,
        api=f"/api/monitoring/alerts/{segment(incident.id)}",
    )


def view_of(incident: Incident, view: View, now_ms: int) -> View:
    """The view of what an incident is about, from a while before it to a while after, or to now."""
    end_ms = now_ms if incident.resolved_ms is None else min(now_ms, incident.resolved_ms + _AROUND_MS)
    shown = view.between(incident.opened_ms - _AROUND_MS, max(end_ms, incident.opened_ms))
    for dimension in FILTERABLE:
        value = incident.labels.get(dimension, "")
        shown = shown.where(dimension, *([value] if value else []))
    return shown


def _details(details: Mapping[str, object]) -> tuple[NamedFact, ...]:
    return tuple(NamedFact(name, _say(value)) for name, value in details.items())


def _say(value: object) -> str:
    match value:
        case None:
            return "–"
        case bool() | str():
            return str(value)
        case int() | float():
            return in_words(value, "")
        case Mapping():
            return ", ".join(f"{name}: {_say(inner)}" for name, inner in value.items()) or "none"
    return str(value)


def _places(names: tuple[str, ...], view: View, path: str) -> tuple[Place, ...]:
    return tuple(Place(name, view.href(f"{path}/{segment(name)}")) for name in names)


def _rule(visit: Visit, incident: Incident) -> Place:
    known = incident.rule in visit.parts.book.entries
    return Place(incident.rule, visit.view.href(f"/dashboard/rules/{segment(incident.rule)}") if known else "")


def _metric(visit: Visit, incident: Incident, then: View) -> Place:
    """By its rule as it is now: the incident itself has the figure, not its name."""
    entry = visit.parts.book.entries.get(incident.rule)
    if entry is None:
        return Place("its metric isn't known any more: the rule is gone")
    metric = METRICS_BY_PATH[entry.rule.metric]
    return Place(metric.title, metric_href(then, metric.path))


def _letters(visit: Visit, incident: Incident) -> list[LetterRecord]:
    end_ms = visit.now_ms if incident.resolved_ms is None else incident.resolved_ms + _DAY_MS
    return visit.parts.outbox.about(incident.id, incident.opened_ms, end_ms, _MOST_LETTERS)


Make = Callable[[Incident, str, str, int], Update]


def _do(visit: Visit, fields: Mapping[str, str], make: Make) -> Incident:
    """Change the incident of the path. Raises NotFound, Conflict, BadRequest."""
    words = fields.get("words", "").strip()[:2_000]
    changed = visit.parts.incidents.change(
        visit.path["id"], lambda incident: make(incident, visit.who, words, visit.now_ms)
    )
    if changed is None:
        raise NotFound(f"there is no alert {visit.path['id'][:64]!r}")
    return changed


def acknowledge(visit: Visit, fields: Mapping[str, str]) -> Done:
    """Take it on, or over."""
    taken_over = False

    def take(incident: Incident, who: str, words: str, now_ms: int) -> Update:
        nonlocal taken_over
        taken_over = incident.status is IncidentStatus.ACKNOWLEDGED
        return handling.acknowledge(incident, who, words, now_ms)

    incident = _do(visit, fields, take)
    undo = None if taken_over else Undo(f"/dashboard/alerts/{segment(incident.id)}/release", {})
    return Done(f"{incident.title}: acknowledged by {visit.who}", undo=undo)


def release(visit: Visit, fields: Mapping[str, str]) -> Done:
    """Take the acknowledgement back."""
    return Done(f"{_do(visit, fields, handling.release).title}: open again")


def resolve(visit: Visit, fields: Mapping[str, str]) -> Done:
    """End it."""
    incident = _do(visit, fields, handling.resolve)
    return Done(
        f"{incident.title}: resolved by {visit.who}",
        undo=Undo(f"/dashboard/alerts/{segment(incident.id)}/reopen", {}),
    )


def reopen(visit: Visit, fields: Mapping[str, str]) -> Done:
    """Take the resolution back."""
    return Done(f"{_do(visit, fields, handling.reopen).title}: open again")


def comment(visit: Visit, fields: Mapping[str, str]) -> Done:
    """Put words into the timeline."""
    _do(visit, fields, handling.comment)
    return Done("The comment is in the timeline")


PAGE = Page(PATH, "incident", "Alert", "incident.html", build, filtered=False, section="performance")
ACTIONS = tuple(
    Action(f"{PATH}/{name}", handle)
    for name, handle in (
        ("acknowledge", acknowledge),
        ("release", release),
        ("resolve", resolve),
        ("reopen", reopen),
        ("comment", comment),
    )
)
