"""Incidents and their timelines, as rows of the control store."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from msgspec import Struct

from chatvitals.catalogue.severities import Severity


class IncidentStatus(StrEnum):
    """Where an incident is."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    """Open, and somebody has taken it on."""
    RESOLVED = "resolved"


class Blast(Struct, rename="camel", frozen=True):
    """Whom it touches: how many of those that were there. Names are the most touched ones, at most ten."""

    sites: int = 0
    customers: int = 0
    customers_seen: int = 0
    releases: int = 0
    sessions: int = 0
    sessions_seen: int = 0
    site_names: tuple[str, ...] = ()
    customer_names: tuple[str, ...] = ()
    release_names: tuple[str, ...] = ()


class Incident(Struct, rename="camel", frozen=True, kw_only=True):
    """Something that a rule found bad, from its beginning to its end. Times are Unix milliseconds.

    `labels` are the values of the rule's `by` dimensions, the rule's own labels, and `rule`, `category` and `severity`;
    `fingerprint` names rule and key, and only one incident of each is open. `value` and `threshold` are the last ones.
    """

    id: str
    fingerprint: str
    rule: str
    site: str
    category: str
    severity: Severity
    gravest: Severity
    status: IncidentStatus
    revision: int
    title: str
    message: str
    labels: Mapping[str, str]
    value: float | None
    threshold: float | None
    unit: str
    details: Mapping[str, Any] = {}
    blast: Blast = Blast()
    runbook: str = ""
    opened_ms: int
    updated_ms: int
    acknowledged_ms: int | None = None
    acknowledged_by: str = ""
    resolved_ms: int | None = None
    resolved_by: str = ""


class EntryKind(StrEnum):
    """What an entry of a timeline tells."""

    OPENED = "opened"
    UPDATED = "updated"
    ESCALATED = "escalated"
    EASED = "eased"
    ACKNOWLEDGED = "acknowledged"
    NOTIFIED = "notified"
    COMMENTED = "commented"
    RESOLVED = "resolved"


class Entry(Struct, rename="camel", frozen=True, kw_only=True):
    """One line of an incident's timeline: what happened when, by whom (empty: by the rule), and the figures then."""

    at_ms: int
    kind: EntryKind
    who: str = ""
    severity: Severity | None = None
    value: float | None = None
    threshold: float | None = None
    blast: Blast | None = None
    words: str = ""
