"""The routes of alerting, put together."""

from uuid import uuid4

from chatvitals.alerting.rules.defaults import default_rules
from chatvitals.server.api.alerts import Alerts
from chatvitals.server.api.backtests import Backtests
from chatvitals.server.api.receivers import Receivers
from chatvitals.server.api.routes import ApiRoute
from chatvitals.server.api.rules import Rules
from chatvitals.server.api.silences import SilencesApi
from chatvitals.server.service import Service


def alerting_routes(service: Service) -> list[ApiRoute]:
    """Alerts, rules, backtests, silences, receivers."""
    parts = service.alerting
    backtests = Backtests(parts.reader, default_rules(), service.clock, service.settings.raw_retention_days)
    return [
        *Alerts(parts.incidents, parts.states, service.clock).routes(),
        *Rules(parts.book, parts.folder).routes(),
        *backtests.routes(),
        *SilencesApi(parts.silences, parts.incidents, service.clock, lambda: str(uuid4())).routes(),
        *Receivers(parts.routing, parts.outbox, parts.surroundings, parts.post_office.wake).routes(),
    ]
