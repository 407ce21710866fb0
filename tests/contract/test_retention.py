"""What ended long ago is removed from the control store, and nothing else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import structs
from sqlalchemy import Engine, func, select
from tests.unit.alerting.situations import NOON, incident

from chatvitals.alerting.cleaning import EVERY_S, SOON_S, Cleaning
from chatvitals.alerting.incidents import resolved
from chatvitals.store.control.database import open_database
from chatvitals.store.control.incidents import Entry, EntryKind, Incidents, Update, Wanted, put_updates
from chatvitals.store.control.leases import Lease, LeaseLost, Leases
from chatvitals.store.control.retention import Retention
from chatvitals.store.control.silences import Silence, Silences, SilenceStatus
from chatvitals.store.control.tables import INCIDENT_ENTRIES

DAY_MS = 86_400_000


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Engine]:
    opened = open_database(f"sqlite:///{tmp_path / 'control.sqlite'}")
    yield opened
    opened.dispose()


def take(database: Engine, holder: str, now_ms: int = NOON) -> Lease:
    lease = Leases(database, lambda: now_ms).take("alerting", holder, 15_000)
    assert lease is not None
    return lease


def add_incident(database: Engine, id: str, opened_ms: int, ended_ms: int | None) -> None:
    one = structs.replace(incident(now_ms=opened_ms), id=id, fingerprint=id)
    with database.begin() as connection:
        put_updates(connection, [Update(one, Entry(at_ms=opened_ms, kind=EntryKind.OPENED))])
        if ended_ms is not None:
            ended = resolved(one, "", ended_ms)
            put_updates(connection, [Update(ended, Entry(at_ms=ended_ms, kind=EntryKind.RESOLVED))])


def add_silence(database: Engine, id: str, ends_ms: int) -> None:
    Silences(database).add(
        Silence(
            id=id, matchers=("site=shop",), starts_ms=0, ends_ms=ends_ms, reason="a move", author="me", created_ms=0
        )
    )


def left(database: Engine) -> tuple[set[str], set[str], int]:
    """Ids of incidents and silences, and how many lines timelines have."""
    with database.begin() as connection:
        lines = connection.scalar(select(func.count()).select_from(INCIDENT_ENTRIES))
    silences = Silences(database).find(tuple(SilenceStatus), NOON, 100)
    return {one.id for one in Incidents(database).find(Wanted(), 100)}, {one.id for one in silences}, lines or 0


def test_only_what_ended_long_ago_goes_and_its_timeline_with_it(database: Engine) -> None:
    add_incident(database, "long over", NOON - 500 * DAY_MS, NOON - 401 * DAY_MS)
    add_incident(database, "just over", NOON - 500 * DAY_MS, NOON - 399 * DAY_MS)
    add_incident(database, "open for long", NOON - 500 * DAY_MS, None)
    for days in (401, 399, -1):
        add_silence(database, f"{days}", NOON - days * DAY_MS)
    assert Cleaning(Retention(database), 400).clean(take(database, "one"), NOON) == EVERY_S
    assert left(database) == ({"just over", "open for long"}, {"399", "-1"}, 3)


def test_it_is_done_in_small_pieces(database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatvitals.alerting.cleaning.ROWS", 2)
    for number in range(5):
        add_incident(database, f"{number}", 0, 1)
    cleaning, lease = Cleaning(Retention(database), 30), take(database, "one")
    pauses = [cleaning.clean(lease, NOON) for _ in range(3)]
    assert pauses == [SOON_S, SOON_S, EVERY_S]
    assert left(database) == (set(), set(), 0)


def test_who_lost_the_lease_removes_nothing(database: Engine) -> None:
    add_incident(database, "long over", 0, 1)
    lost = take(database, "one")
    take(database, "two", NOON + 60_000)
    with pytest.raises(LeaseLost):
        Cleaning(Retention(database), 30).clean(lost, NOON)
    assert left(database)[0] == {"long over"}
