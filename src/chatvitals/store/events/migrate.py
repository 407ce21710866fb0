"""Schema migrations of the events store: numbered `.sql` files, forward only, applied once each at start."""

import re
from importlib.resources import files
from typing import TYPE_CHECKING

from chatvitals.store.events.engine import Engine

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

_STATEMENT_END = re.compile(r";\s*(?:\n|$)")
_COMMENT = re.compile(r"--[^\n]*")


def _migrations() -> list["Traversable"]:
    folder = files("chatvitals.store.events") / "schema"
    return sorted((file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda file: file.name)


def migrate(engine: Engine) -> list[str]:
    """Bring the schema up to date and return the names of the files applied. Raises EngineError."""
    engine.execute(
        "CREATE TABLE IF NOT EXISTS schema_migrations (name String, applied DateTime DEFAULT now())"
        " ENGINE = MergeTree ORDER BY name SETTINGS fsync_after_insert = 1, fsync_part_directory = 1"
    )
    applied = {row["name"] for row in engine.query("SELECT name FROM schema_migrations")}
    pending = [file for file in _migrations() if file.name not in applied]
    for file in pending:
        for statement in _STATEMENT_END.split(_COMMENT.sub("", file.read_text())):
            if statement.strip():
                engine.execute(statement)
        engine.execute(f"INSERT INTO schema_migrations (name) VALUES ('{file.name}')")
    return [file.name for file in pending]


def set_retention(engine: Engine, raw_days: int, rollup_months: int) -> None:
    """Let the engine forget raw events and outcomes after `raw_days`, rollups after `rollup_months`."""
    wanted = {
        "events": f"toDateTime(ts) + toIntervalDay({raw_days})",
        "outcomes": f"minute + toIntervalDay({raw_days})",
        "rollup_hours": f"hour + toIntervalMonth({rollup_months})",
    }
    for row in engine.query(
        "SELECT name, create_table_query AS ddl FROM system.tables WHERE name IN {names:Array(String)}",
        {"names": list(wanted)},
    ):
        if f"TTL {wanted[row['name']]}" not in row["ddl"]:
            engine.execute(
                f"ALTER TABLE {row['name']} MODIFY TTL {wanted[row['name']]} SETTINGS materialize_ttl_after_modify = 0"
            )


def damaged_parts(engine: Engine) -> list[str]:
    """Parts that the engine set aside because it couldn't read them: data that is missing from every answer."""
    rows = engine.query("SELECT concat(table, '/', name) AS part FROM system.detached_parts WHERE reason != ''")
    return [row["part"] for row in rows]
