from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.alerting.situations import NOON, slow_renders

from chatvitals.alerting.schedule import Schedule

MINUTE = slow_renders(name="minute", every_ms=60_000)
TEN = slow_renders(name="ten", every_ms=10_000)


def due_at(schedule: Schedule, *moments: int) -> list[list[str]]:
    """Which rules tick at each of these moments."""
    ticks = []
    for moment in moments:
        due = schedule.due([MINUTE, TEN], moment)
        schedule.ticked(due, moment)
        ticks.append([rule.name for rule in due])
    return ticks


START = NOON - NOON % 60_000 + 31_000


def test_all_tick_at_the_start_and_then_once_in_each_interval_together() -> None:
    assert due_at(Schedule(), START, START + 8_999, START + 9_000, START + 28_999, START + 29_000) == [
        ["minute", "ten"],
        [],
        ["ten"],
        ["ten"],
        ["minute", "ten"],
    ]


def test_intervals_that_were_missed_are_one_tick() -> None:
    assert due_at(Schedule(), START, START + 3_600_000, START + 3_600_001) == [["minute", "ten"], ["minute", "ten"], []]


def test_a_clock_that_jumps_back_is_one_tick() -> None:
    assert due_at(Schedule(), START, START - 86_400_000, START - 86_399_999) == [
        ["minute", "ten"],
        ["minute", "ten"],
        [],
    ]


def test_what_is_next_is_said() -> None:
    schedule = Schedule()
    assert schedule.next_ms([MINUTE, TEN], START) == 9_000
    assert schedule.next_ms([MINUTE], START) == 29_000
    assert schedule.next_ms([], START) is None


@given(st.lists(st.integers(1, 400_000), min_size=1, max_size=40), st.integers(0, 40), st.integers(-(10**9), 10**9))
def test_however_the_clock_runs_a_rule_ticks_no_more_often_than_it_was_looked_at_and_never_twice_an_interval(
    steps: list[int], jump_at: int, jump_ms: int
) -> None:
    schedule, now, ticked = Schedule(), NOON, []
    for number, step in enumerate(steps):
        now += step + (jump_ms if number == jump_at else 0)
        if schedule.due([MINUTE], now):
            schedule.ticked([MINUTE], now)
            ticked.append(now // MINUTE.every_ms)
    assert all(one != following for one, following in pairwise(ticked))
    assert len(ticked) <= len(steps)
    looked = now // MINUTE.every_ms
    assert ticked[-1] == looked, "whenever it is looked at, the current interval has ticked"
