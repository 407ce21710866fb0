"""Pages without a server: over a real engine and a real control store, rendered as browsers get them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from starlette.routing import Match, Route
from tests.support.system_state import system_state

from chatvitals.alerting.configuration import WatchedFolder
from chatvitals.alerting.reading import Reader
from chatvitals.alerting.routing.reading import DEFAULT_ROUTING
from chatvitals.alerting.rules.book import RuleBook
from chatvitals.alerting.rules.defaults import default_rules, filed_default_rules
from chatvitals.clock import Clock
from chatvitals.dashboard.assets import built_assets
from chatvitals.dashboard.frame import make_frame
from chatvitals.dashboard.page import Done, Page, Visit
from chatvitals.dashboard.parts import Parts
from chatvitals.dashboard.registry import ACTIONS, PAGES
from chatvitals.dashboard.rendering import Rendered, Renderer
from chatvitals.dashboard.view import own_parameters, read_view
from chatvitals.ingest.steps.identity import keyed_hash
from chatvitals.notify.surroundings import system_surroundings
from chatvitals.query.figures import Source
from chatvitals.query.rollups import Rollups
from chatvitals.server.api.widget import bands_of
from chatvitals.settings import Settings
from chatvitals.store.control.alert_states import AlertStates
from chatvitals.store.control.baselines import Baselines
from chatvitals.store.control.database import open_database
from chatvitals.store.control.incidents import Incidents
from chatvitals.store.control.notifications import Notifications
from chatvitals.store.control.outbox import Outbox
from chatvitals.store.control.rules import AlertRules
from chatvitals.store.control.saved_views import SavedViews
from chatvitals.store.control.silences import Silences
from chatvitals.store.control.sites import Sites
from chatvitals.store.events.engine import Engine

_RENDERER = Renderer(built_assets())


@contextmanager
def dashboard_parts_over(engine: Engine, directory: Path, clock: Clock, **settings: object) -> Iterator[Parts]:
    """Parts over an engine and a control store in `directory`; ids are id-1, id-2 …"""
    configured = Settings(data=str(directory), **settings)  # type: ignore[arg-type]
    database = open_database(f"sqlite:///{directory / 'control.sqlite'}")
    folder = WatchedFolder(None, default_rules())
    source = Source(engine, Rollups(engine, clock, configured.raw_retention_days))
    baselines = Baselines(database)
    sites = Sites(database, clock)
    ids = count(1)
    try:
        yield Parts(
            settings=configured,
            clock=clock,
            source=source,
            bands=bands_of(configured),
            sites=sites,
            incidents=Incidents(database),
            states=AlertStates(database),
            silences=Silences(database),
            outbox=Outbox(database),
            baselines=baselines,
            book=RuleBook(filed_default_rules(), AlertRules(database), lambda: folder.configuration.rules, clock),
            folder=folder,
            reader=Reader(source, baselines),
            routing=lambda: DEFAULT_ROUTING,
            surroundings=system_surroundings(clock, Notifications(database), configured.outgoing_allowed),
            saved_views=SavedViews(database),
            wake_postman=lambda: None,
            new_id=lambda: f"id-{next(ids)}",
            written=count(1).__next__,  # each look sees what was written just before it
            hash_session=lambda session: {site.name: keyed_hash(site.salt, session) for site in sites.all()},
            system=lambda: system_state(clock()),
        )
    finally:
        database.dispose()


def find_page(path: str) -> tuple[Page, dict[str, str]]:
    """The page at a path, and the parts of its path."""
    for page in PAGES:
        match, child = Route(page.path, _nowhere).matches(
            {"type": "http", "path": unquote(path), "method": "GET", "root_path": ""}
        )
        if match is Match.FULL:
            return page, child["path_params"]
    raise AssertionError(f"there is no page at {path}")


def visit_of(parts: Parts, url: str, path: Mapping[str, str], who: str = "tester") -> Visit:
    """A look at a URL."""
    pairs = parse_qsl(urlsplit(url).query)
    return Visit(read_view(pairs), path, own_parameters(pairs), parts.clock(), parts, who)


def render_page(parts: Parts, url: str) -> Rendered:
    """The page at a URL, as a browser gets it, and its fragments. Raises RequestError."""
    place = urlsplit(url).path
    page, path = find_page(place)
    visit = visit_of(parts, url, path)
    if page.adopt is not None:
        visit = page.adopt(visit)
    return _RENDERER.page(page, page.build(visit), make_frame(page, unquote(place), visit, signs_in=False), visit)


def act(parts: Parts, path: str, fields: Mapping[str, str], on: str = "/dashboard/performance") -> Done:
    """Do what the action at `path` does, on the page `on`. Raises RequestError."""
    for action in ACTIONS:
        match, child = Route(action.path, _nowhere, methods=["POST"]).matches(
            {"type": "http", "path": unquote(path), "method": "POST", "root_path": ""}
        )
        if match is Match.FULL:
            return action.handle(visit_of(parts, on, child["path_params"]), fields)
    raise AssertionError(f"there is no action at {path}")


async def _nowhere(_request: object) -> None:
    """Routes are only matched here."""
