"""How transactions of the control store see each other."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, insert, select, text
from sqlalchemy.exc import OperationalError

from chatvitals.store.control.database import open_database, reading
from chatvitals.store.control.tables import LEASES

ROW = {"name": "a", "holder": "one", "epoch": 1, "expires_ms": 0}


@pytest.fixture
def databases(tmp_path: Path) -> Iterator[tuple[Engine, Engine]]:
    """Two servers' ways to one file; the second gives up at once where it would have to wait."""
    first, second = (open_database(f"sqlite:///{tmp_path / 'control.sqlite'}") for _ in range(2))
    second.dispose()
    event.listen(second, "connect", lambda connection, _record: connection.execute("PRAGMA busy_timeout = 0"))
    yield first, second
    first.dispose()
    second.dispose()


def test_a_writer_has_the_file_from_its_first_statement(databases: tuple[Engine, Engine]) -> None:
    first, second = databases
    with first.begin() as connection:
        connection.scalar(select(LEASES.c.epoch))
        with pytest.raises(OperationalError, match="locked"), second.begin():
            pass


def test_a_reader_waits_for_nobody_and_sees_one_moment(databases: tuple[Engine, Engine]) -> None:
    first, second = databases
    with first.begin() as writer:
        writer.execute(insert(LEASES).values(ROW))
        with reading(second) as reader:
            assert reader.scalar(select(LEASES.c.epoch)) is None
    with reading(second) as reader:
        assert reader.scalar(select(LEASES.c.epoch)) == 1
        with first.begin() as writer:
            writer.execute(LEASES.update().values(epoch=2))
        assert reader.scalar(select(LEASES.c.epoch)) == 1
    with reading(second) as reader:
        assert reader.scalar(select(LEASES.c.epoch)) == 2


def test_what_fails_leaves_nothing_behind_not_even_of_the_schema(databases: tuple[Engine, Engine]) -> None:
    first, second = databases
    with suppress(ZeroDivisionError), first.begin() as connection:
        connection.execute(text("CREATE TABLE half (made INTEGER)"))
        connection.execute(insert(LEASES).values(ROW))
        raise ZeroDivisionError
    with reading(second) as reader:
        assert reader.scalar(select(LEASES.c.epoch)) is None
        assert reader.scalar(text("SELECT count(*) FROM sqlite_master WHERE name = 'half'")) == 0
