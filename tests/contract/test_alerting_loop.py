"""Several servers over one control store, in a time that passes when the test says so."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import Engine, event
from structlog.testing import capture_logs
from tests.support.evaluation import CountingTeller, Figures, instant_rule, slow
from tests.unit.alerting.fake_pace import FakePace
from tests.unit.alerting.situations import ACME, NOON

from chatvitals.alerting.evaluator import Evaluator
from chatvitals.alerting.loop import TRY_S, TTL_MS, Alerting
from chatvitals.alerting.rule import Rule
from chatvitals.alerting.telling import Telling
from chatvitals.alerting.term import Ticked
from chatvitals.store.control.alert_states import AlertStates
from chatvitals.store.control.database import open_database
from chatvitals.store.control.evaluations import Evaluations
from chatvitals.store.control.incidents import Incidents, Wanted
from chatvitals.store.control.leases import Lease, Leases, guard

T = TypeVar("T")

SLOW = instant_rule(every_ms=60_000)
FAST = instant_rule(name="fast", every_ms=1_000)
START = NOON - NOON % 60_000 + 10_000
TAKEOVER_S = TTL_MS / 1_000 + TRY_S


class Desk:
    """A dispatcher and the postmen of one server, which keep what they were asked."""

    def __init__(self, database: Engine) -> None:
        self._database = database
        self.dispatched: list[int] = []
        self.cleaned: list[tuple[int, int]] = []
        self.letters = 0
        self.broken = False
        self.postmen: list[str] = []

    def dispatch(self, lease: Lease, now_ms: int) -> int:
        if self.broken:
            raise ZeroDivisionError
        with self._database.begin() as connection:
            guard(connection, lease)
        self.dispatched.append(now_ms)
        letters, self.letters = self.letters, 0
        return letters

    def clean(self, lease: Lease, now_ms: int) -> float:
        self.cleaned.append((lease.epoch, now_ms))
        if self.broken:
            raise ZeroDivisionError
        return 600.0

    def postman(self, lease: Lease) -> "Postman":
        return Postman(self.postmen, lease.epoch)


class Postman:
    def __init__(self, story: list[str], epoch: int) -> None:
        self._story = story
        self._epoch = epoch

    def start(self) -> None:
        self._story.append(f"{self._epoch} starts")

    def wake(self) -> None:
        self._story.append(f"{self._epoch} wakes")

    async def close(self) -> None:
        self._story.append(f"{self._epoch} ends")


class Server:
    """One of several."""

    def __init__(self, name: str, url: str, pace: FakePace, figures: Figures) -> None:
        self.name = name
        self.database = open_database(url)
        self.figures = figures
        self.desk = Desk(self.database)
        self.rules: list[Rule] = [SLOW, FAST]
        self.ready = True
        self.life = Life(pace)
        numbers = iter(range(10_000))
        self.alerting = Alerting(
            lambda: self.rules,
            Evaluator(
                figures,
                Telling(CountingTeller()),
                AlertStates(self.database),
                Evaluations(self.database),
                lambda: f"{name}-{next(numbers)}",
            ),
            Leases(self.database, pace.now_ms),
            self.desk,
            self.desk.postman,
            self.desk,
            self.life,
            name,
            lambda: self.ready,
        )

    def kill(self) -> None:
        """It stops, without goodbye."""
        self.life.over = True

    async def end(self) -> None:
        if not self.life.over:
            await self.alerting.close()
        self.database.dispose()


class Life:
    """The pace of a server that can be killed."""

    def __init__(self, pace: FakePace) -> None:
        self._pace = pace
        self.over = False
        self.takes_s: Callable[[], float] = lambda: 0.0
        """How long the work that was just done takes."""
        self.now_ms = pace.now_ms
        self.elapsed_s = pace.elapsed_s

    async def wait(self, woken: asyncio.Event, longest_s: float) -> None:
        await self._pace.wait(woken, longest_s)
        self._check()

    async def work(self, function: Callable[[], T]) -> T:
        self._check()
        result = await self._pace.work(function)
        if takes_s := self.takes_s():
            await self._pace.wait(asyncio.Event(), takes_s)
        return result

    def _check(self) -> None:
        if self.over:
            raise asyncio.CancelledError


@pytest.fixture
def pace() -> FakePace:
    return FakePace(START)


@pytest.fixture
def figures() -> Figures:
    return Figures()


Start = Callable[[str], Server]


@pytest.fixture
async def start(tmp_path: Path, pace: FakePace, figures: Figures) -> AsyncIterator[Start]:
    """Starts servers, which are ended after the test."""
    started: list[Server] = []

    def start(name: str) -> Server:
        server = Server(name, f"sqlite:///{tmp_path / 'control.sqlite'}", pace, figures)
        server.alerting.start()
        started.append(server)
        return server

    yield start
    for server in started:
        await server.end()


def times(figures: Figures, rule: Rule, since_ms: int = START) -> list[float]:
    """When a rule was read, in seconds."""
    return [(at_ms - since_ms) / 1_000 for names, at_ms in figures.reads if rule.name in names]


def active(server: Server) -> bool:
    return server.alerting.active


def incidents(server: Server) -> list[str]:
    """The story of every incident, the oldest first."""
    store = Incidents(server.database)
    told = []
    for one in reversed(store.find(Wanted(), 100)):
        found = store.get(one.id)
        assert found is not None
        told.append(f"{one.rule}: {', '.join(entry.kind for entry in found[1])}")
    return told


async def test_rules_tick_soon_after_the_start_and_then_in_their_intervals(
    start: Start, pace: FakePace, figures: Figures
) -> None:
    start("one")
    await pace.pass_s(130)
    assert times(figures, SLOW) == [0, 50, 110]
    assert times(figures, FAST) == list(range(131))


async def test_who_does_not_know_the_rules_yet_leaves_the_work_to_others_and_incidents_as_they_are(
    start: Start, pace: FakePace, figures: Figures
) -> None:
    figures.seen[FAST.name] = {ACME: slow(20.0)}
    one = start("one")
    await pace.pass_s(1)
    await one.end()
    two = start("two")
    two.rules, two.ready = [], False
    await pace.pass_s(60)
    assert not active(two)
    assert incidents(two) == ["fast: opened"]
    assert (two.desk.dispatched, two.desk.postmen) == ([], [])
    two.rules, two.ready = [SLOW, FAST], True
    await pace.pass_s(TRY_S + 60)
    assert active(two)
    assert incidents(two)[0].startswith("fast: opened"), "the same one"
    two.ready = False
    await pace.pass_s(60)
    assert active(two), "what was in force stays"


async def test_what_is_over_is_cleaned_up_by_who_does_the_work(start: Start, pace: FakePace) -> None:
    one, two = start("one"), start("two")
    await pace.pass_s(1_300)
    assert one.desk.cleaned == [(1, START + at_s * 1_000) for at_s in (0, 600, 1_200)]
    assert two.desk.cleaned == []
    one.desk.broken = True
    await pace.pass_s(600)
    assert len(one.desk.cleaned) == 5, "what failed is tried again in a minute"


async def test_events_that_were_just_stored_wake_fast_rules_only(
    start: Start, pace: FakePace, figures: Figures
) -> None:
    server = start("one")
    server.alerting.nudge()  # nobody has the lease yet
    await pace.pass_s(1.2)
    server.alerting.nudge()
    await pace.settle()
    assert times(figures, FAST) == [0, 1, 1.2]
    assert times(figures, SLOW) == [0]
    await pace.pass_s(1)
    assert times(figures, FAST) == [0, 1, 1.2, 2]


async def test_what_changed_is_dispatched_at_once_and_letters_wake_the_postman(
    start: Start, pace: FakePace, figures: Figures
) -> None:
    server = start("one")
    await pace.pass_s(0.5)
    assert server.desk.dispatched == [START]
    figures.seen[FAST.name] = {ACME: slow(20.0)}
    server.desk.letters = 2
    server.alerting.nudge()
    await pace.settle()
    assert server.desk.dispatched == [START, START + 500]
    assert server.desk.postmen == ["1 starts", "1 wakes"]
    await pace.pass_s(2.9)
    assert server.desk.dispatched[2:] == [START + 1_500, START + 2_500], "about every second"


async def test_one_of_two_evaluates(start: Start, pace: FakePace, figures: Figures) -> None:
    one, other = start("one"), start("other")
    await pace.pass_s(300)
    assert active(one)
    assert not active(other)
    assert times(figures, SLOW) == [0, 50, 110, 170, 230, 290]
    assert other.desk.dispatched == []
    assert other.desk.postmen == []


async def test_when_the_one_that_evaluates_dies_another_goes_on_and_nothing_happens_twice(
    start: Start, pace: FakePace, figures: Figures
) -> None:
    one, other = start("one"), start("other")
    figures.seen = {FAST.name: {ACME: slow(20.0)}, SLOW.name: {ACME: slow(20.0)}}
    await pace.pass_s(65)
    one.kill()
    died_s = (pace.clock_ms - START) / 1_000
    await pace.pass_s(TAKEOVER_S)
    assert active(other)
    assert other.desk.postmen == ["2 starts"]
    again_s = times(figures, SLOW)[-1]
    assert died_s < again_s <= died_s + TAKEOVER_S
    assert max(following - before for before, following in pairwise(times(figures, SLOW))) <= 60
    figures.seen = {FAST.name: {ACME: slow(10.0)}, SLOW.name: {ACME: slow(10.0)}}
    await pace.pass_s(60)
    assert sorted(incidents(other)) == ["fast: opened, resolved", "slow-renders: opened, resolved"]


async def test_one_that_leaves_gives_the_lease_to_the_next(start: Start, pace: FakePace) -> None:
    one, other = start("one"), start("other")
    await pace.pass_s(10)
    await one.alerting.close()
    assert one.desk.postmen == ["1 starts", "1 ends"]
    one.kill()
    await pace.pass_s(TRY_S)
    assert active(other)


async def test_one_that_was_suspended_notices_and_stops(start: Start, pace: FakePace, figures: Figures) -> None:
    one = start("one")
    await pace.pass_s(5)
    thief = Leases(one.database, lambda: pace.clock_ms + 3_600_000).take("alerting", "thief", 15_000)
    assert thief is not None
    figures.seen[FAST.name] = {ACME: slow(20.0)}
    await pace.pass_s(1)
    assert not active(one), "within a second, not when it renews"
    assert one.desk.postmen == ["1 starts", "1 ends"]
    assert incidents(one) == []
    Leases(one.database, pace.now_ms).release(thief)
    await pace.pass_s(TRY_S)
    assert active(one)
    assert one.desk.postmen[2:] == ["3 starts"]
    await pace.pass_s(1)
    assert incidents(one) == ["fast: opened"]


async def test_a_store_that_cant_be_written_for_a_while_is_tried_again(
    start: Start, pace: FakePace, figures: Figures
) -> None:
    one = start("one")
    await pace.pass_s(5)
    figures.seen[FAST.name] = {ACME: slow(20.0)}
    with unwritable(one.database), capture_logs() as said:
        await pace.pass_s(8)
        assert active(one), "nobody else can have the lease yet"
        assert one.alerting.failures > 0
        await pace.pass_s(12)
        assert not active(one), "now somebody could"
    failures = [line["event"] for line in said if line["log_level"] == "error"]
    with_origin = [line["event"] for line in said if line.get("exc_info")]
    assert len(failures) == one.alerting.failures
    assert sorted(with_origin) == sorted(set(failures)), "where it comes from is said once"
    await pace.pass_s(3)
    assert active(one)
    assert incidents(one) == ["fast: opened"]


@contextmanager
def unwritable(database: Engine) -> Iterator[None]:
    def refuse(*_: object) -> None:
        raise OSError("disk full")

    event.listen(database, "before_cursor_execute", refuse)
    yield
    event.remove(database, "before_cursor_execute", refuse)


@pytest.mark.parametrize("jump_ms", [-7_200_000, -5_000, 5_000, 7_200_000])
async def test_a_clock_that_jumps_makes_one_tick_and_no_incident(
    start: Start, pace: FakePace, figures: Figures, jump_ms: int
) -> None:
    one = start("one")
    one.rules = [instant_rule(every_ms=60_000, for_ms=300_000), FAST]
    figures.seen[SLOW.name] = {ACME: slow(20.0)}
    await pace.pass_s(65)
    before = len(times(figures, SLOW))
    pace.clock_ms += jump_ms
    await pace.pass_s(1.1)
    assert len(times(figures, SLOW)) - before <= 1
    await pace.pass_s(100)
    assert len(times(figures, SLOW)) - before <= 3
    assert incidents(one) == []
    assert active(one)
    await pace.pass_s(300)
    assert incidents(one) == ["slow-renders: opened"]


async def test_slow_rules_dont_delay_fast_ones(start: Start, pace: FakePace, figures: Figures) -> None:
    """The slow ones' figures take thirty seconds here."""
    server = start("one")
    server.life.takes_s = lambda: 30.0 if figures.reads and SLOW.name in figures.reads[-1][0] else 0.0
    await pace.pass_s(40)
    assert times(figures, FAST) == list(range(41))


async def test_who_evaluates_says_when_and_how_long(start: Start, pace: FakePace) -> None:
    one = start("one")
    one.rules = [SLOW, FAST, instant_rule(name="also-fast", every_ms=1_000)]
    one.life.takes_s = lambda: 0.25
    assert one.alerting.ticked == {}
    await pace.pass_s(30)
    ticked = one.alerting.ticked
    assert ticked["slow"] == Ticked(ticked["slow"].at_ms, rules=1, took_ms=250)
    assert ticked["fast"].rules == 2
    assert START + 28_000 <= ticked["fast"].at_ms <= pace.now_ms()
    one.life.takes_s = lambda: 0.0
    two = start("two")
    await pace.pass_s(10)
    assert two.alerting.ticked == {}


async def test_rules_that_come_and_go_are_followed_within_a_second(
    start: Start, pace: FakePace, figures: Figures
) -> None:
    server = start("one")
    figures.seen = {FAST.name: {ACME: slow(20.0)}, SLOW.name: {ACME: slow(20.0)}}
    await pace.pass_s(2.5)
    server.rules = [SLOW]
    await pace.pass_s(1)
    assert sorted(incidents(server)) == ["fast: opened, resolved", "slow-renders: opened"]
    figures.reads.clear()
    server.rules = [SLOW, instant_rule(name="new", every_ms=10_000)]
    await pace.pass_s(1)
    assert [names for names, _ in figures.reads] == [("new",)]


async def test_a_rule_that_is_removed_while_it_is_evaluated_leaves_nothing(
    start: Start, pace: FakePace, figures: Figures
) -> None:
    """What was read of it still opens its incident."""
    server = start("one")
    await pace.pass_s(0.5)
    figures.seen[FAST.name] = {ACME: slow(20.0)}
    server.life.takes_s = lambda: 5.0
    await pace.pass_s(1)
    server.rules = [SLOW]
    server.life.takes_s = lambda: 0.0
    await pace.pass_s(10)
    assert incidents(server) == ["fast: opened, resolved"]
    assert AlertStates(server.database).states() == []


async def test_a_rule_that_is_gone_when_another_takes_over_is_ended(
    start: Start, pace: FakePace, figures: Figures
) -> None:
    one, other = start("one"), start("other")
    figures.seen = {SLOW.name: {ACME: slow(20.0)}}
    await pace.pass_s(2)
    other.rules = [FAST]
    one.kill()
    await pace.pass_s(TAKEOVER_S)
    assert incidents(other) == ["slow-renders: opened, resolved"]


async def test_what_fails_unexpectedly_is_counted_and_done_again(
    start: Start, pace: FakePace, figures: Figures
) -> None:
    server = start("one")
    await pace.pass_s(0.5)
    server.desk.broken = True
    with capture_logs():
        await pace.pass_s(3)
    assert server.alerting.failures == 3
    assert active(server)
    assert times(figures, FAST) == [0, 1, 2, 3]
    server.desk.broken = False
    await pace.pass_s(1)
    assert len(server.desk.dispatched) == 2
