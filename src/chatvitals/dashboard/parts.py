"""What the builders of pages read and the actions change, put together once by the server."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from chatvitals.alerting.backtest.previews import Previews
from chatvitals.alerting.configuration import WatchedFolder
from chatvitals.alerting.reading import Reader
from chatvitals.alerting.routing.routes import Routing
from chatvitals.alerting.rules.book import RuleBook
from chatvitals.catalogue.bands import Bands
from chatvitals.clock import Clock
from chatvitals.dashboard.recent import Recent
from chatvitals.dashboard.system_state import ReadsSystem
from chatvitals.notify.surroundings import Surroundings
from chatvitals.query.figures import Source
from chatvitals.settings import Settings
from chatvitals.store.control.alert_states import AlertStates
from chatvitals.store.control.baselines import Baselines
from chatvitals.store.control.incidents import Incidents
from chatvitals.store.control.outbox import Outbox
from chatvitals.store.control.saved_views import SavedViews
from chatvitals.store.control.silences import Silences
from chatvitals.store.control.sites import Sites


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Of one running server. `recent` holds answers that pages may share for some seconds.

    `written` is a number that grows whenever events were written. `hash_session` gives the hashes under which a session
    of that id would be kept, by site. `wake_postman` has the outbox looked into.
    """

    settings: Settings
    clock: Clock
    source: Source
    bands: dict[str, Bands]
    sites: Sites
    incidents: Incidents
    states: AlertStates
    silences: Silences
    outbox: Outbox
    baselines: Baselines
    book: RuleBook
    folder: WatchedFolder
    reader: Reader
    routing: Callable[[], Routing]
    surroundings: Surroundings
    saved_views: SavedViews
    wake_postman: Callable[[], None]
    new_id: Callable[[], str]
    written: Callable[[], int]
    hash_session: Callable[[str], Mapping[str, int]]
    system: ReadsSystem
    previews: Previews = field(default_factory=Previews)
    recent: Recent = field(default_factory=Recent)
