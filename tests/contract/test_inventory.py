"""What the two stores say of themselves."""

from pathlib import Path

from tests.contract.history import store
from tests.contract.telling import told

from chatvitals.store.control.database import HEAD, open_database
from chatvitals.store.control.description import describe
from chatvitals.store.events.embedded import EmbeddedEngine
from chatvitals.store.events.inventory import engine_version, partitions

DAY_MS = 86_400_000
LONG_AGO_MS = 1_500_000_000_000
"""14 July 2017, when no other test has events."""


def test_rows_are_found_in_the_partitions_of_their_days(engine: EmbeddedEngine) -> None:
    moments = [LONG_AGO_MS, LONG_AGO_MS, LONG_AGO_MS + DAY_MS]
    store(engine, [told("render", timestamp=moment, renderTime=5.0) for moment in moments])
    found = {one.name: one for one in partitions(engine) if one.table == "events"}
    assert [found[day].rows for day in ("20170714", "20170715")] == [2, 1]
    assert all(one.bytes > 0 and one.parts > 0 for one in found.values())
    assert {one.table for one in partitions(engine)} <= {"events", "outcomes", "rollup_hours", "schema_migrations"}


def test_the_engine_says_its_version(engine: EmbeddedEngine) -> None:
    assert engine_version(engine).split(".")[0].isdigit()


def test_the_control_store_says_what_it_is(tmp_path: Path) -> None:
    file = tmp_path / "control.sqlite"
    database = open_database(f"sqlite:///{file}")
    said = describe(database)
    assert (said.name, said.place, said.schema) == ("SQLite", str(file), HEAD)
    assert said.version.startswith("3.")
    assert said.bytes >= 4_096
    database.dispose()
