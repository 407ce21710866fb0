"""Opening the control store and bringing its schema up to date, and how its transactions begin."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text

HEAD = "0003"
"""The newest migration; a test holds it to the files. Knowing it spares start-up the import of Alembic."""


Database = Engine
"""A control store, for those who only hand it on."""

_BEGIN = "sqlite_begin"


def _tune_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver would begin no sooner than at the first change
    cursor = connection.cursor()
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "busy_timeout = 5000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """Writers have the file for themselves from their first statement: what they read stays true until they commit."""
    connection.exec_driver_sql(connection.get_execution_options().get(_BEGIN, "BEGIN IMMEDIATE"))


@contextmanager
def reading(database: Engine) -> Iterator[Connection]:
    """A transaction that only reads, all of it as of one moment. It waits for no writer; others wait for each other."""
    with database.execution_options(**{_BEGIN: "BEGIN"}).begin() as connection:
        yield connection


def open_database(url: str) -> Engine:
    """Connect to the control store at a SQLAlchemy URL and apply the migrations that it lacks."""
    engine = create_engine(url, pool_pre_ping=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _tune_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    if _revision(engine) != HEAD:
        _upgrade(engine)
    return engine


def _revision(engine: Engine) -> str | None:
    if not inspect(engine).has_table("alembic_version"):
        return None
    with engine.connect() as connection:
        revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return revision


def _upgrade(engine: Engine) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "chatvitals.store.control:migrations")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
