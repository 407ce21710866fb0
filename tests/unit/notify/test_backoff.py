from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatvitals.notify.backoff import LONGEST_ASKED_MS, LONGEST_MS, MAX_ATTEMPTS, wait_ms

CHANCES = st.floats(0, 1, exclude_max=True)
ATTEMPTS = st.integers(1, MAX_ATTEMPTS - 1)


@pytest.mark.parametrize("chance", [0.0, 0.5, 0.999])
def test_it_goes_on_for_about_a_day(chance: float) -> None:
    waits = []
    for attempts in count(1):
        wait = wait_ms(attempts, None, chance)
        if wait is None:
            break
        waits.append(wait)
    assert len(waits) == MAX_ATTEMPTS - 1
    assert 17 <= sum(waits) / 3_600_000 <= 30
    assert waits[0] <= 6_250


@given(ATTEMPTS, CHANCES)
def test_each_wait_is_within_a_quarter_of_its_plan(attempts: int, chance: float) -> None:
    wait, plan = wait_ms(attempts, None, chance), wait_ms(attempts, None, 0.5)
    assert wait is not None
    assert plan is not None
    assert 0.75 * plan - 1 <= wait <= 1.25 * plan + 1
    assert plan <= LONGEST_MS


@given(ATTEMPTS, st.floats(0, 1e12), CHANCES)
def test_no_sooner_than_asked_and_no_later_than_a_day(attempts: int, after_s: float, chance: float) -> None:
    wait = wait_ms(attempts, after_s, chance)
    assert wait is not None
    assert wait >= min(1_000 * after_s, LONGEST_ASKED_MS) - 1
    assert wait <= max(LONGEST_ASKED_MS, 1.25 * LONGEST_MS)


def test_it_ends_even_where_more_is_asked_for() -> None:
    assert wait_ms(MAX_ATTEMPTS, 10.0, 0.5) is None
