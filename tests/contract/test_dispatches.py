from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Engine, func, select
from tests.support.timeline import START_MS, make_incident

from chatvitals.alerting.routing.dispatch import Dispatcher
from chatvitals.alerting.routing.reading import DEFAULT_ROUTING
from chatvitals.catalogue.severities import Severity
from chatvitals.notify.message import Notification
from chatvitals.store.control import dispatches as module
from chatvitals.store.control.database import open_database
from chatvitals.store.control.dispatches import Dispatches, Group, Known
from chatvitals.store.control.incidents import Incidents, Update, put_updates
from chatvitals.store.control.leases import Lease, LeaseLost, Leases
from chatvitals.store.control.outbox import Outbox
from chatvitals.store.control.silences import Silence, Silences, SilenceStatus
from chatvitals.store.control.tables import NOTIFICATION_GROUPS

LATER_MS = START_MS + 60_000


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Engine]:
    opened = open_database(f"sqlite:///{tmp_path / 'control.sqlite'}")
    with opened.begin() as connection:
        put_updates(connection, [Update(make_incident("a", START_MS), None)])
    yield opened
    opened.dispose()


@pytest.fixture
def dispatcher(database: Engine) -> Dispatcher:
    return Dispatcher(Dispatches(database), lambda: DEFAULT_ROUTING)


def take(database: Engine, holder: str, now_ms: int = START_MS) -> Lease:
    lease = Leases(database, lambda: now_ms).take("alerting", holder, 1_000)
    assert lease is not None
    return lease


def written(database: Engine) -> tuple[int, int, int]:
    """How many groups, letters and entries of timelines there are."""
    with database.connect() as connection:
        groups = connection.scalar(select(func.count()).select_from(NOTIFICATION_GROUPS)) or 0
    found = Incidents(database).get("a")
    assert found is not None
    return groups, len(Outbox(database).find(100)), len(found[1])


def test_groups_are_kept_changed_and_forgotten(database: Engine) -> None:
    dispatches, lease = Dispatches(database), take(database, "one")
    known = {"a": Known(severity=Severity.ERROR, waits_ms=1, paused=True, receivers=("boss",))}
    first = Group(way=("a=b",), receiver="x", labels={"site": "shop"}, first="a", ordinal=2, told_ms=3, known=known)
    second = Group(way=(), receiver="y", labels={}, first="b", told_ms=4)
    dispatches.write(lease, {"1": first, "2": second}, [], [])
    assert dispatches.read(START_MS).groups == {"1": first, "2": second}
    dispatches.write(lease, {"1": None, "2": first, "3": None}, [], [])
    assert dispatches.read(START_MS).groups == {"2": first}


def test_a_dispatch_writes_everything_once(database: Engine, dispatcher: Dispatcher) -> None:
    lease = take(database, "one")
    assert dispatcher.dispatch(lease, START_MS) == 0
    assert written(database) == (0, 0, 0)
    assert dispatcher.dispatch(lease, LATER_MS) == 2  # one a channel
    assert written(database) == (1, 2, 1)
    assert dispatcher.dispatch(lease, LATER_MS) == 0
    assert written(database) == (1, 2, 1)


@pytest.mark.parametrize(
    ("public_url", "links"),
    [
        ("", ("", "")),
        (
            "https://vitals.example",
            ("https://vitals.example/dashboard/performance?tab=alerts", "https://vitals.example/dashboard/alerts/a"),
        ),
    ],
)
def test_notifications_have_links_where_it_is_known_whereto(
    database: Engine, public_url: str, links: tuple[str, str]
) -> None:
    dispatcher = Dispatcher(Dispatches(database), lambda: DEFAULT_ROUTING, public_url)
    dispatcher.dispatch(take(database, "one"), LATER_MS)
    for letter in Outbox(database).find(10):
        notification = msgspec.json.decode(letter.document, type=Notification)
        assert (notification.url, notification.incidents[0].url) == links


def test_who_lost_the_lease_writes_nothing(database: Engine, dispatcher: Dispatcher) -> None:
    old = take(database, "one")
    new = take(database, "two", LATER_MS)
    with pytest.raises(LeaseLost):
        dispatcher.dispatch(old, LATER_MS)
    assert written(database) == (0, 0, 0)
    assert dispatcher.dispatch(new, LATER_MS) == 2


def test_a_dispatch_that_breaks_off_is_done_again_whole(
    database: Engine, dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    lease = take(database, "one")

    def break_off(*_arguments: object) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(module, "append_entries", break_off)
        with pytest.raises(OSError, match="the disk is full"):
            dispatcher.dispatch(lease, LATER_MS)
    assert written(database) == (0, 0, 0)
    assert dispatcher.dispatch(lease, LATER_MS) == 2
    assert written(database) == (1, 2, 1)


def silence(id: str, from_ms: int, to_ms: int, *matchers: str) -> Silence:
    return Silence(
        id=id, matchers=matchers, starts_ms=from_ms, ends_ms=to_ms, reason="why", author="dana", created_ms=from_ms
    )


def test_only_silences_in_force_are_read(database: Engine) -> None:
    silences = Silences(database)
    kept = [
        silence("over", START_MS - 10, START_MS, "a=b"),
        silence("now", START_MS, START_MS + 1, "a=b", 'c="d e"'),
        silence("later", START_MS + 1, START_MS + 10, "a=b"),
    ]
    for one in kept:
        silences.add(one)
        assert silences.get(one.id) == one
    assert silences.get("nothing") is None
    assert Dispatches(database).read(START_MS).silences == [kept[1]]
    assert silences.find([], START_MS, 10) == []
    for one, status in zip(kept, (SilenceStatus.EXPIRED, SilenceStatus.ACTIVE, SilenceStatus.PENDING), strict=True):
        assert silences.find([status], START_MS, 10) == [one]
        assert one.status_at(START_MS) is status


def test_a_silence_that_cannot_be_read_hides_nothing(database: Engine, dispatcher: Dispatcher) -> None:
    Silences(database).add(silence("broken", START_MS, LATER_MS + 1, "severity"))
    assert dispatcher.dispatch(take(database, "one"), LATER_MS) == 2
