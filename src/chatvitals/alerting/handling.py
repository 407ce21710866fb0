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


def release(incident: Incident, who: str, words: str, now_ms: int) -> Update:
    """Nobody has it taken on any more; whoever waits for that is told again. Raises Conflict where nobody had."""
    if incident.status is not IncidentStatus.ACKNOWLEDGED:
        raise Conflict(f"this incident is {incident.status}: there is no acknowledgement to take back")
    changed = replace(
        incident,
        status=IncidentStatus.OPEN,
        acknowledged_by="",
        acknowledged_ms=None,
        revision=incident.revision + 1,
        updated_ms=now_ms,
    )
    return Update(changed, Entry(at_ms=now_ms, kind=EntryKind.RELEASED, who=who, words=words))


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


def reopen(incident: Incident, who: str, words: str, now_ms: int) -> Update:
    """It goes on as before somebody resolved it; its rule ends it when its alert is over. Raises Conflict."""
    if incident.status is not IncidentStatus.RESOLVED:
        raise Conflict("this incident is open already")
    if not incident.resolved_by:
        raise Conflict("this incident resolved by itself: a new one opens when its alert fires again")
    changed = replace(
        incident,
        status=IncidentStatus.ACKNOWLEDGED if incident.acknowledged_by else IncidentStatus.OPEN,
        resolved_by="",
        resolved_ms=None,
        revision=incident.revision + 1,
        updated_ms=now_ms,
    )
    entry = Entry(at_ms=now_ms, kind=EntryKind.REOPENED, who=who, severity=incident.severity, words=words)
    return Update(changed, entry)


def comment(incident: Incident, who: str, words: str, now_ms: int) -> Update:
    """Somebody has something to say. Raises BadRequest for no words."""
    if not words:
        raise BadRequest("words is empty: say what the timeline should keep", "words")
    return Update(incident, Entry(at_ms=now_ms, kind=EntryKind.COMMENTED, who=who, words=words))


def _refuse_resolved(incident: Incident) -> None:
    if incident.status is IncidentStatus.RESOLVED:
        by = f"by {incident.resolved_by}" if incident.resolved_by else "by itself"
        raise Conflict(f"this incident is resolved already, {by}")
