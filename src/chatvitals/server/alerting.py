"""All parts of alerting over one control store, put together once; and running, where this process may do the work."""

import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from chatvitals.alerting.baseline_schedule import BaselineSchedule
from chatvitals.alerting.cleaning import Cleaning
from chatvitals.alerting.configuration import WatchedFolder
from chatvitals.alerting.details import Details
from chatvitals.alerting.evaluator import Evaluator
from chatvitals.alerting.loop import Alerting
from chatvitals.alerting.pace import RealPace
from chatvitals.alerting.reading import Reader
from chatvitals.alerting.routing.dispatch import Dispatcher
from chatvitals.alerting.routing.routes import Routing
from chatvitals.alerting.rules.book import RuleBook
from chatvitals.alerting.rules.defaults import default_rules, filed_default_rules
from chatvitals.alerting.telling import Telling
from chatvitals.alerting.watch import Watch
from chatvitals.clock import Clock
from chatvitals.notify.postman import Postman
from chatvitals.notify.surroundings import Surroundings, system_surroundings
from chatvitals.query.figures import Source
from chatvitals.settings import Settings
from chatvitals.store.control.alert_states import AlertStates
from chatvitals.store.control.baselines import Baselines
from chatvitals.store.control.database import Database
from chatvitals.store.control.dispatches import Dispatches
from chatvitals.store.control.evaluations import Evaluations
from chatvitals.store.control.incidents import Incidents
from chatvitals.store.control.leases import Lease, Leases, guard
from chatvitals.store.control.notifications import Notifications
from chatvitals.store.control.outbox import Outbox
from chatvitals.store.control.retention import Retention
from chatvitals.store.control.rules import AlertRules
from chatvitals.store.control.silences import Silences


class PostOffice:
    """Has a postman for each term in which this server does the work."""

    def __init__(self, database: Database, routing: Callable[[], Routing], surroundings: Surroundings) -> None:
        self._database = database
        self._routing = routing
        self._surroundings = surroundings
        self._present: Postman | None = None

    def hire(self, lease: Lease) -> Postman:
        """One who works while the lease holds."""
        outbox = Outbox(self._database, lambda connection: guard(connection, lease))
        self._present = Postman(outbox, lambda: self._routing().receivers, self._surroundings, random.random)
        return self._present

    def wake(self) -> None:
        """Have the outbox looked into; where the work is another server's, that one looks by itself."""
        if self._present is not None:
            self._present.wake()


@dataclass(frozen=True, slots=True)
class AlertingParts:
    """What routes and commands work with."""

    folder: WatchedFolder
    book: RuleBook
    reader: Reader
    baselines: Baselines
    incidents: Incidents
    states: AlertStates
    silences: Silences
    outbox: Outbox
    surroundings: Surroundings
    routing: Callable[[], Routing]
    post_office: PostOffice
    loop: Alerting


@asynccontextmanager
async def running_alerting(
    settings: Settings, clock: Clock, database: Database, source: Source, *, works: bool
) -> AsyncIterator[AlertingParts]:
    """Read what is configured, and keep reading; with `works`, evaluate and deliver as well. Raises BadAllowList."""
    folder = WatchedFolder(Path(settings.alerting) if settings.alerting else None, default_rules())
    book = RuleBook(filed_default_rules(), AlertRules(database), lambda: folder.configuration.rules, clock)
    surroundings = system_surroundings(clock, Notifications(database), settings.outgoing_allowed)
    pace = RealPace(clock)

    def routing() -> Routing:
        return folder.configuration.routing

    baselines = Baselines(database)
    reader = Reader(source, baselines)
    states = AlertStates(database)
    post_office = PostOffice(database, routing, surroundings)
    loop = Alerting(
        lambda: [entry.rule for entry in book.entries.values()],
        Evaluator(reader, Telling(Details(source)), states, Evaluations(database), lambda: str(uuid4())),
        Leases(database, clock),
        Dispatcher(Dispatches(database), routing, settings.public_url),
        post_office.hire,
        Cleaning(Retention(database), settings.incident_retention_days),
        pace,
        holder=str(uuid4()),
        ready=lambda: folder.known,
    )
    parts = AlertingParts(
        folder,
        book,
        reader,
        baselines,
        Incidents(database),
        states,
        Silences(database),
        Outbox(database),
        surroundings,
        routing,
        post_office,
        loop,
    )
    schedule = BaselineSchedule(
        source, baselines, pace, every_hours=settings.baseline_every_hours, kept=settings.baselines_kept
    )
    watch = Watch([folder.look, book.look], pace)
    await watch.start()
    if works:
        schedule.start()
        loop.start()
    try:
        yield parts
    finally:
        if works:
            await loop.close()
            await schedule.close()
        await watch.close()
        pace.close()
