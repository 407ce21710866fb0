from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, create_engine, event, insert
from sqlalchemy.pool import StaticPool

from chatvitals.store.control.database import open_database
from chatvitals.store.control.leases import Held, Lease, LeaseLost, Leases, guard
from chatvitals.store.control.tables import LEASES, METADATA

WORK = "alerting"
TTL = 15_000


@dataclass
class Hand:
    """A clock that is set by hand."""

    now: int = 1_000_000

    def __call__(self) -> int:
        return self.now


class Server:
    """One that wants the lease, with a clock of its own."""

    def __init__(self, name: str, database: Engine, ahead_ms: int = 0) -> None:
        self.name = name
        self.clock = Hand(1_000_000 + ahead_ms)
        self._database = database
        self._leases = Leases(database, self.clock)

    def take(self) -> Lease | None:
        return self._leases.take(WORK, self.name, TTL)

    def release(self, lease: Lease) -> None:
        self._leases.release(lease)

    def writes(self, lease: Lease) -> bool:
        """Whether it can still write under the lease."""
        try:
            with self._database.begin() as connection:
                guard(connection, lease)
        except LeaseLost:
            return False
        return True


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Engine]:
    opened = open_database(f"sqlite:///{tmp_path / 'control.sqlite'}")
    yield opened
    opened.dispose()


def later(ms: int, *servers: Server) -> None:
    for server in servers:
        server.clock.now += ms


def test_one_has_it_and_keeps_it_while_it_renews(database: Engine) -> None:
    one, other = Server("one", database), Server("other", database)
    lease = one.take()
    assert lease == Lease(WORK, "one", 1)
    for _ in range(10):
        later(TTL - 1, one, other)
        assert other.take() is None
        assert one.take() == lease
    assert one.writes(lease)


def test_a_holder_that_died_is_followed_when_its_lease_is_over(database: Engine) -> None:
    one, other = Server("one", database), Server("other", database)
    lease = one.take()
    assert lease is not None
    later(TTL - 1, other)
    assert other.take() is None
    later(1, other)
    follower = other.take()
    assert follower == Lease(WORK, "other", 2)
    assert not one.writes(lease), "what it still does after that has no effect"
    assert other.writes(follower)
    assert one.take() is None


def test_one_that_comes_late_goes_on_where_nobody_followed(database: Engine) -> None:
    one = Server("one", database)
    lease = one.take()
    later(10 * TTL, one)
    assert one.take() == lease


def test_everybody_can_see_who_has_it(database: Engine) -> None:
    leases = Leases(database, Hand())
    assert leases.held(WORK) is None
    one = Server("one", database)
    lease = one.take()
    assert lease is not None
    assert leases.held(WORK) == Held(lease, one.clock.now + TTL)
    one.release(lease)
    assert leases.held(WORK) is None


def test_a_lease_that_is_given_back_is_free_at_once(database: Engine) -> None:
    one, other = Server("one", database), Server("other", database)
    lease = one.take()
    assert lease is not None
    one.release(lease)
    assert not one.writes(lease)
    follower = other.take()
    assert follower == Lease(WORK, "other", 2)
    one.release(lease)
    assert other.writes(follower), "only one's own is given back"


@pytest.mark.parametrize("ahead_ms", [-3_600_000, 3_600_000])
def test_clocks_that_differ_cost_one_change_of_hands_at_most(database: Engine, ahead_ms: int) -> None:
    one, other = Server("one", database), Server("other", database, ahead_ms)
    epochs = []
    for _ in range(20):
        held = [lease for lease in (one.take(), other.take()) if lease]
        epochs.append(max(lease.epoch for lease in held))
        later(TTL // 3, one, other)
    assert set(epochs[1:]) == ({1} if ahead_ms < 0 else {2})


@pytest.mark.parametrize("ahead_ms", [-3_600_000, 3_600_000])
def test_clocks_that_differ_dont_make_a_dead_holder_last(database: Engine, ahead_ms: int) -> None:
    dead, other = Server("dead", database, ahead_ms), Server("other", database)
    assert dead.take()
    waited = 0
    while other.take() is None:
        later(1_000, other)
        waited += 1_000
    assert waited <= TTL


def test_a_holder_whose_clock_jumps_back_loses_it_and_writes_nothing(database: Engine) -> None:
    one, other = Server("one", database), Server("other", database)
    assert one.take()
    later(-3_600_000, one)
    lease = one.take()
    assert lease is not None
    assert other.take() == Lease(WORK, "other", 2)
    assert not one.writes(lease)


def test_a_clock_that_jumps_back_while_it_watches_starts_to_watch_anew(database: Engine) -> None:
    one, other = Server("one", database), Server("other", database)
    assert one.take()
    assert other.take() is None
    later(-3_600_000, other)
    assert other.take() is None
    later(TTL - 1, other)
    assert other.take() is None
    later(1, other)
    assert other.take()


def test_works_are_leased_apart(database: Engine) -> None:
    clock = Hand()
    assert Leases(database, clock).take("one work", "a", TTL)
    assert Leases(database, clock).take("another", "b", TTL)


def test_two_that_make_it_at_the_same_moment(database: Engine) -> None:
    """On PostgreSQL both may find nothing there; here that is brought about."""
    one = Server("one", database)

    @contextmanager
    def another_is_faster() -> Iterator[None]:
        def put(connection: Connection, _cursor: object, statement: str, *_: object) -> None:
            if statement.startswith("INSERT INTO leases") and connection.info.setdefault("done", False) is False:
                connection.info["done"] = True
                connection.execute(insert(LEASES).values(name=WORK, holder="other", epoch=1, expires_ms=2_000_000))

        event.listen(database, "before_cursor_execute", put)
        yield
        event.remove(database, "before_cursor_execute", put)

    with another_is_faster():
        assert one.take() is None


STEPS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(-20_000, 40_000), st.sampled_from(["take", "release"])), max_size=40
)


@given(STEPS)
@settings(deadline=None, database=None, max_examples=100)
def test_at_most_one_can_write_whatever_the_clocks_do(steps: list[tuple[int, int, str]]) -> None:
    database = create_engine("sqlite://", poolclass=StaticPool)
    METADATA.create_all(database)
    servers = [Server(str(number), database) for number in range(3)]
    leases: list[Lease | None] = [None, None, None]
    epoch = 0
    for number, passed_ms, what in steps:
        later(passed_ms, servers[number])
        if what == "take":
            leases[number] = servers[number].take() or leases[number]
        elif lease := leases[number]:
            servers[number].release(lease)
        writers = [lease for server, lease in zip(servers, leases, strict=True) if lease and server.writes(lease)]
        assert len(writers) <= 1
        if writers:
            assert writers[0].epoch >= epoch
            epoch = writers[0].epoch
    database.dispose()
