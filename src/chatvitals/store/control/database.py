"""Opening the control store and bringing its schema up to date."""

from typing import Any

from sqlalchemy import Engine, create_engine, event, inspect, text

HEAD = "0002"
"""The newest migration; a test holds it to the files. Knowing it spares start-up the import of Alembic."""


def _tune_sqlite(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "busy_timeout = 5000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def open_database(url: str) -> Engine:
    """Connect to the control store at a SQLAlchemy URL and apply the migrations that it lacks."""
    engine = create_engine(url, pool_pre_ping=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _tune_sqlite)
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
