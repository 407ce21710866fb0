"""What people do to an incident. Pure, as what its rule does to it."""

from msgspec.structs import replace

from chatvitals.alerting.incidents import resolved
from chatvitals.errors import BadRequest, Conflict
from chatvitals.store.control.incidents import Entry, EntryKind, Incident, IncidentStatus, Update


def acknowledge(incident: Incident, who: str, words: str, now_ms: int) -> Update:
    """Somebody takes it on, or takes it over. Raises Conflict where it is resolved."""
    _refuse_resolved(incident)
    first_ms = incident.acknowledged_ms
    changed = replace(
        incident,
        status=IncidentStatus.ACKNOWLEDGED,
        acknowledged_by=who,
        acknowledged_ms=max(now_ms, incident.opened_ms) if first_ms is None else first_ms,
        revision=incident.revision + 1,
        updated_ms=now_ms,
    )
    return Update(changed, Entry(at_ms=now_ms, kind=EntryKind.ACKNOWLEDGED, who=who, words=words))


def resolve(incident: Incident, who: str, words: str, now_ms: int) -> Update:
    """Somebody ends it. Raises Conflict where it is resolved already."""
    _refuse_resolved(incident)
    ended = resolved(incident, who, now_ms)
    entry = Entry(
        at_ms=now_ms,
        kind=EntryKind.RESOLVED,
        who=who,
        severity=incident.severity,
        value=incident.value,
        threshold=incident.threshold,
        words=words,
    )
    return Update(ended, entry)


def comment(incident: Incident, who: str, words: str, now_ms: int) -> Update:
    """Somebody has something to say. Raises BadRequest for no words."""
    if not words:
        raise BadRequest("words is empty: say what the timeline should keep", "words")
    return Update(incident, Entry(at_ms=now_ms, kind=EntryKind.COMMENTED, who=who, words=words))


def _refuse_resolved(incident: Incident) -> None:
    if incident.status is IncidentStatus.RESOLVED:
        by = f"by {incident.resolved_by}" if incident.resolved_by else "by itself"
        raise Conflict(f"this incident is resolved already, {by}")
