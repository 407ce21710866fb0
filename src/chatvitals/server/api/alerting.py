"""The routes of alerting, put together."""

from uuid import uuid4

from chatvitals.alerting.rules.defaults import default_rules
from chatvitals.server.api.alerts import Alerts
from chatvitals.server.api.backtests import Backtests
from chatvitals.server.api.baselines import BaselinesApi
from chatvitals.server.api.receivers import Receivers
from chatvitals.server.api.routes import ApiRoute
from chatvitals.server.api.rules import Rules
from chatvitals.server.api.silences import SilencesApi
from chatvitals.server.service import Service


def alerting_routes(service: Service) -> list[ApiRoute]:
    """Alerts, rules, backtests, baselines, silences, receivers."""
    parts, settings, clock = service.alerting, service.settings, service.clock

    def new_id() -> str:
        return str(uuid4())

    return [
        *Alerts(parts.incidents, parts.states, clock).routes(),
        *Rules(parts.book, parts.folder).routes(),
        *Backtests(parts.reader, default_rules(), clock, settings.raw_retention_days).routes(),
        *BaselinesApi(service.source, parts.baselines, settings.min_samples, clock, new_id).routes(),
        *SilencesApi(parts.silences, parts.incidents, clock, new_id).routes(),
        *Receivers(parts.routing, parts.outbox, parts.surroundings, parts.post_office.wake).routes(),
    ]
