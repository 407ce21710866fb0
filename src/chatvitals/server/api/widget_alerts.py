"""The alerts in `GET /api/monitoring/widget`: what is wrong now, for whom the question is about."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from chatvitals.alerting.open_incidents import open_incidents
from chatvitals.query.request import Question
from chatvitals.store.control.incidents import Incident, Incidents, IncidentStatus

MOST_TOLD = 100


class WidgetAlert(Struct, rename="camel", frozen=True, kw_only=True):
    """An incident that isn't resolved. Times are Unix milliseconds."""

    id: str
    status: IncidentStatus
    severity: str
    category: str
    title: str
    message: str
    details: Mapping[str, Any]
    rule: str
    site: str
    labels: Mapping[str, str]
    opened_ms: int
    updated_ms: int
    acknowledged_ms: int | None
    acknowledged_by: str


class AlertStats(Struct, rename="camel", frozen=True):
    """How many there are."""

    total: int
    by_severity: dict[str, int]
    by_category: dict[str, int]


class WidgetAlerts(Struct, frozen=True):
    """The newest, and the numbers of all."""

    alerts: tuple[WidgetAlert, ...]
    stats: AlertStats


def find_alerts(incidents: Incidents, question: Question) -> WidgetAlerts:
    """The open incidents of the sites that are asked about; none that is about something the filters leave out."""
    return _told(open_incidents(incidents, question))


def _told(found: Sequence[Incident]) -> WidgetAlerts:
    return WidgetAlerts(
        tuple(_alert(incident) for incident in found[:MOST_TOLD]),
        AlertStats(
            len(found),
            dict(Counter(incident.severity.value for incident in found)),
            dict(Counter(incident.category for incident in found)),
        ),
    )


def _alert(incident: Incident) -> WidgetAlert:
    return WidgetAlert(**{name: getattr(incident, name) for name in WidgetAlert.__struct_fields__})
