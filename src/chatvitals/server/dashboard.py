"""What the dashboard reads and changes of a running server."""

from uuid import uuid4

from chatvitals.dashboard.parts import Parts
from chatvitals.ingest.steps.identity import keyed_hash
from chatvitals.server.api.widget import bands_of
from chatvitals.server.service import Service
from chatvitals.server.system_state import SystemReading


def dashboard_parts(service: Service) -> Parts:
    """The parts of one service, as builders of pages know them."""
    alerting = service.alerting

    def hash_session(session: str) -> dict[str, int]:
        return {site.name: keyed_hash(site.salt, session) for site in service.sites.all()}

    return Parts(
        settings=service.settings,
        clock=service.clock,
        source=service.source,
        bands=bands_of(service.settings),
        sites=service.sites,
        incidents=alerting.incidents,
        states=alerting.states,
        silences=alerting.silences,
        outbox=alerting.outbox,
        baselines=alerting.baselines,
        book=alerting.book,
        folder=alerting.folder,
        reader=alerting.reader,
        routing=alerting.routing,
        surroundings=alerting.surroundings,
        saved_views=service.saved_views,
        wake_postman=alerting.post_office.wake,
        new_id=lambda: str(uuid4()),
        written=lambda: service.writer.rows_written,
        hash_session=hash_session,
        system=SystemReading(service),
    )
