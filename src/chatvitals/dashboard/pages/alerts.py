"""The main page's alerts: those that are open, above its tabs; and what the tab Alerts shows."""

from chatvitals.alerting.open_incidents import open_incidents
from chatvitals.dashboard.elements.alert import AlertRow, alert_rows, gravest_first
from chatvitals.dashboard.page import Visit
from chatvitals.store.control.silences import Silence, SilenceStatus

_MOST_SILENCES = 1_000


def active_alerts(visit: Visit) -> tuple[AlertRow, ...]:
    """The open alerts that the view's filters let through, those first that nobody has taken on."""
    found = open_incidents(visit.parts.incidents, visit.view.question(visit.now_ms))
    return alert_rows(sorted(found, key=gravest_first), silences_in_force(visit))


def silences_in_force(visit: Visit) -> list[Silence]:
    """The silences that are active now."""
    return visit.parts.silences.find((SilenceStatus.ACTIVE,), visit.now_ms, _MOST_SILENCES)
