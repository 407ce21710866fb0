"""What the control store is, for who looks after it."""

from dataclasses import dataclass

from sqlalchemy import Engine, text

from chatvitals.store.control.database import HEAD, reading

_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
_VERSION = {"sqlite": "SELECT sqlite_version()", "postgresql": "SHOW server_version"}
_BYTES = {
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
    "postgresql": "SELECT pg_database_size(current_database())",
}


@dataclass(frozen=True, slots=True)
class ControlStore:
    """`place` is its file, or its host and database, and never who signs in with what; `bytes` is what it takes."""

    name: str
    version: str
    place: str
    schema: str
    bytes: int


def describe(database: Engine) -> ControlStore:
    """Ask it."""
    dialect, url = database.dialect.name, database.url
    with reading(database) as connection:
        version = connection.scalar(text(_VERSION[dialect]))
        size = connection.scalar(text(_BYTES[dialect]))
    host = f"{url.host}:{url.port}/" if url.host and url.port else f"{url.host}/" if url.host else ""
    return ControlStore(_NAMES[dialect], str(version), f"{host}{url.database or ''}", HEAD, int(size or 0))
