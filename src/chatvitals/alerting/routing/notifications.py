"""A group's notifications, whose ids are the same however often they are worked out."""

from collections.abc import Sequence
from uuid import UUID, uuid5

from msgspec import structs

from chatvitals.notify.message import Notification, Reason, Told
from chatvitals.store.control.dispatches import Group
from chatvitals.store.control.incidents import Incident, IncidentStatus

MOST_LISTED = 500
"""Incidents in one notification: what is to be sent, and kept until it is, has a bound."""

_NAMES = UUID("5d0f1c5e-5a0b-4c8e-9d53-2f0f6b1f7c11")


def make_notification(
    key: str, group: Group, receiver: str, reason: Reason, incidents: Sequence[Incident], now_ms: int
) -> Notification:
    """What a group, which has the key, tells a receiver at its present ordinal; `incidents` are the gravest first.

    Where none of the incidents is open any more the reason is RESOLVED, whatever it would have been.
    """
    thread = str(uuid5(_NAMES, f"{key} {group.first}"))
    listed = _listed(incidents)
    over = all(incident.status is IncidentStatus.RESOLVED for incident in incidents)
    return Notification(
        id=str(uuid5(_NAMES, f"{thread} {group.ordinal} {receiver}")),
        receiver=receiver,
        reason=Reason.RESOLVED if over else reason,
        thread=thread,
        group=group.labels,
        incidents=tuple(map(_told, listed)),
        created_ms=now_ms,
        omitted=len(incidents) - len(listed),
    )


def _listed(incidents: Sequence[Incident]) -> Sequence[Incident]:
    """Those there is room for: of open and resolved ones at least half of it each, where there are so many."""
    if len(incidents) <= MOST_LISTED:
        return incidents
    open = [incident for incident in incidents if incident.status is not IncidentStatus.RESOLVED]
    resolved = [incident for incident in incidents if incident.status is IncidentStatus.RESOLVED]
    half = MOST_LISTED // 2
    return [*open[: max(half, MOST_LISTED - len(resolved))], *resolved[: max(half, MOST_LISTED - len(open))]]


def linked(notification: Notification, public_url: str) -> Notification:
    """The notification with links to the dashboard of the server that people open at `public_url`."""
    dashboard = f"{public_url}/dashboard"
    incidents = tuple(
        structs.replace(told, url=f"{dashboard}/alerts/{told.incident}") for told in notification.incidents
    )
    return structs.replace(notification, incidents=incidents, url=f"{dashboard}/performance?tab=alerts")


def _told(incident: Incident) -> Told:
    return Told(
        incident=incident.id,
        fingerprint=incident.fingerprint,
        rule=incident.rule,
        severity=incident.severity,
        category=incident.category,
        title=incident.title,
        message=incident.message,
        labels=incident.labels,
        value=incident.value,
        threshold=incident.threshold,
        unit=incident.unit,
        details=incident.details,
        blast=incident.blast,
        runbook=incident.runbook,
        opened_ms=incident.opened_ms,
        resolved_ms=incident.resolved_ms,
        acknowledged_by=incident.acknowledged_by,
    )
