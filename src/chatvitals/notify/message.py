"""What is told: a notification about one group of incidents. Plain data, whole in itself, as the outbox keeps it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from msgspec import Struct

from chatvitals.catalogue.severities import Severity
from chatvitals.store.control.incidents import Blast


class Reason(StrEnum):
    """Why somebody is told now."""

    OPENED = "opened"
    CHANGED = "changed"
    """More incidents in the group, or a graver one."""
    REPEATED = "repeated"
    ESCALATED = "escalated"
    """Nobody acknowledged it in time."""
    RESOLVED = "resolved"
    TEST = "test"


class Told(Struct, rename="camel", frozen=True, kw_only=True):
    """An incident as it is told. Times are Unix milliseconds; `resolved_ms` is None while it is open."""

    incident: str
    fingerprint: str
    rule: str
    severity: Severity
    category: str
    title: str
    message: str
    labels: Mapping[str, str]
    value: float | None
    threshold: float | None
    unit: str
    details: Mapping[str, Any] = {}
    blast: Blast = Blast()
    runbook: str = ""
    url: str = ""
    opened_ms: int
    resolved_ms: int | None = None
    acknowledged_by: str = ""


class Notification(Struct, rename="camel", frozen=True, kw_only=True):
    """One message to one receiver. `id` stays however often it is sent; `thread` is the same for all about a group.

    It is about those that are open and those that resolved since the last one of this group, the gravest of each. So
    many more are `omitted`, where they are very many.
    """

    id: str
    receiver: str
    reason: Reason
    thread: str
    group: Mapping[str, str]
    incidents: tuple[Told, ...]
    created_ms: int
    url: str = ""
    omitted: int = 0

    @property
    def open(self) -> tuple[Told, ...]:
        return tuple(told for told in self.incidents if told.resolved_ms is None)

    @property
    def severity(self) -> Severity:
        """The gravest of those that are open, or of all where none is."""
        return max((told.severity for told in self.open or self.incidents), key=lambda severity: severity.rank)
