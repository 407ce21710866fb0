"""All parts of a server over one data directory, put together once: what the routes and the commands work with."""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog

from chatvitals.clock import Clock, system_clock
from chatvitals.errors import DataDirectoryBusy
from chatvitals.ingest.endpoint import Ingest
from chatvitals.ingest.imports import Importer
from chatvitals.ingest.keyring import Keyring
from chatvitals.ingest.pipeline import Pipeline
from chatvitals.ingest.spool import Spool
from chatvitals.ingest.steps.cardinality import Vocabulary
from chatvitals.ingest.writer import Writer
from chatvitals.query.figures import Source
from chatvitals.query.rollups import Rollups
from chatvitals.server.alerting import AlertingParts, running_alerting
from chatvitals.server.live.movement import Movement
from chatvitals.settings import Settings
from chatvitals.store.control.changes import Changes
from chatvitals.store.control.database import Database, open_database
from chatvitals.store.control.saved_views import SavedViews
from chatvitals.store.control.sites import Sites
from chatvitals.store.events.embedded import EmbeddedEngine
from chatvitals.store.events.engine import Engine
from chatvitals.store.events.migrate import damaged_parts, migrate, set_retention
from chatvitals.store.remembered import Remembered

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Service:
    """The parts, running."""

    settings: Settings
    clock: Clock
    engine: Engine
    database: Database
    sites: Sites
    keyring: Keyring
    spool: Spool
    writer: Writer
    ingest: Ingest
    importer: Importer
    source: Source
    alerting: AlertingParts
    movement: Movement
    changes: Changes
    saved_views: SavedViews
    damaged_parts: tuple[str, ...]


@contextmanager
def locked_data_directory(path: Path) -> Iterator[Path]:
    """Hold the directory for this process. Raises DataDirectoryBusy where another one has it."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(handle, 20).decode() or "unknown"
            raise DataDirectoryBusy(
                f"{path} is in use by another chatvitals process (pid {holder.strip()}): stop that one, or choose"
                " another directory with --data"
            ) from error
        os.ftruncate(handle, 0)
        os.write(handle, f"{os.getpid()}\n".encode())
        yield path
    finally:
        os.close(handle)


@asynccontextmanager
async def running_service(
    settings: Settings, clock: Clock = system_clock, *, alerts: bool = True
) -> AsyncIterator[Service]:
    """Open everything under the data directory, run it, and at the end bring what was accepted to the store.

    Without `alerts` nothing is evaluated and nobody is told anything: who only looks into the data disturbs nobody.
    """
    with locked_data_directory(Path(settings.data)) as data:
        async with (
            _open_stores(settings, data) as (engine, database),
            _running_rollups(settings, engine, clock) as rollups,
            running_alerting(settings, clock, database, Source(engine, rollups), works=alerts) as alerting,
        ):
            remembered = Remembered(data / "remembered.sqlite")
            vocabulary = Vocabulary(remembered.dimension_values(clock()))
            spool = Spool(
                data / "spool",
                remembered,
                vocabulary,
                clock,
                max_bytes=settings.max_spool_bytes,
                commit_interval_s=settings.commit_interval_ms / 1_000,
            )
            sites = Sites(database, clock)
            keyring = Keyring(sites)
            movement = Movement()

            def written() -> None:
                alerting.loop.nudge()
                movement.tell()

            writer = Writer(
                spool,
                engine,
                clock,
                interval_s=settings.flush_interval_ms / 1_000,
                about_to_write=rollups.touch,
                written=written,
            )
            pipeline = Pipeline(settings, vocabulary)
            await spool.start()
            writer.start()
            try:
                yield Service(
                    settings,
                    clock,
                    engine,
                    database,
                    sites,
                    keyring,
                    spool,
                    writer,
                    Ingest(settings, keyring, pipeline, spool, clock),
                    Importer(engine, pipeline, spool, writer, clock),
                    Source(engine, rollups),
                    alerting,
                    movement,
                    Changes(database),
                    SavedViews(database),
                    tuple(damaged_parts(engine)),
                )
            finally:
                await spool.close()
                await writer.close()
                spool.shut()
                remembered.close()


@asynccontextmanager
async def _open_stores(settings: Settings, data: Path) -> AsyncIterator[tuple[Engine, Database]]:
    """The events store and the control store, both up to date."""
    engine = EmbeddedEngine(data / "events")
    migrate(engine)
    set_retention(engine, settings.raw_retention_days, settings.rollup_retention_months)
    if damaged := damaged_parts(engine):
        log.error("parts of the events store are damaged and set aside", parts=damaged)
    database = open_database(settings.control_url)
    try:
        yield engine, database
    finally:
        database.dispose()
        await asyncio.to_thread(engine.close)


@asynccontextmanager
async def _running_rollups(settings: Settings, engine: Engine, clock: Clock) -> AsyncIterator[Rollups]:
    rollups = Rollups(engine, clock, settings.raw_retention_days)
    rollups.start()
    try:
        yield rollups
    finally:
        await rollups.close()
