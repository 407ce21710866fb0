import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatvitals.ingest.allowance import BURST_S, Allowance


class Seconds:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_ten_seconds_worth_may_come_at_once_and_no_more() -> None:
    allowance = Allowance(100, Seconds())
    assert allowance.take("k", 1_000) == 0
    assert allowance.take("k", 1) == pytest.approx(0.01)


def test_after_the_told_wait_there_is_room() -> None:
    clock = Seconds()
    allowance = Allowance(100, clock)
    allowance.take("k", 1_000)
    wait_s = allowance.take("k", 50)
    clock.now += wait_s - 0.01
    assert allowance.take("k", 50) > 0
    clock.now += 0.011
    assert allowance.take("k", 50) == 0


def test_a_refused_batch_takes_nothing() -> None:
    allowance = Allowance(100, Seconds())
    allowance.take("k", 900)
    assert allowance.take("k", 101) > 0
    assert allowance.take("k", 100) == 0


def test_keys_have_allowances_of_their_own() -> None:
    allowance = Allowance(100, Seconds())
    allowance.take("k", 1_000)
    assert allowance.take("other", 1_000) == 0


def test_a_batch_larger_than_any_burst_is_not_refused_for_ever() -> None:
    clock = Seconds()
    allowance = Allowance(1, clock)
    assert allowance.take("k", 500) == 0
    assert allowance.take("k", 1) > 0


@given(steps=st.lists(st.tuples(st.floats(0, 5), st.integers(1, 300)), max_size=60))
def test_no_key_ever_gets_more_than_its_rate_and_one_burst(steps: list[tuple[float, int]]) -> None:
    clock = Seconds()
    allowance = Allowance(100, clock)
    granted = 0
    for pause_s, events in steps:
        clock.now += pause_s
        granted += events if allowance.take("k", events) == 0 else 0
    assert granted <= 100 * (BURST_S + clock.now - 100) + 1e-6
