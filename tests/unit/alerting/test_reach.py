import pytest
from tests.unit.alerting.situations import NOON, slow_renders

from chatvitals.alerting.reach import LONGEST_MS, OVERLAP_MS, reaching_back

MINUTE_MS = 60_000
WINDOW_MS = 5 * MINUTE_MS
ARRIVALS = slow_renders(by_arrival=True, window_ms=WINDOW_MS)


@pytest.mark.parametrize("last_ms", [None, NOON - 1_000, NOON - WINDOW_MS, NOON, NOON + 86_400_000])
def test_a_window_is_as_long_as_the_rule_says_where_nothing_was_missed(last_ms: int | None) -> None:
    assert reaching_back(ARRIVALS, last_ms, NOON) == ARRIVALS


@pytest.mark.parametrize("away_ms", [WINDOW_MS + 1, 3_600_000, 20 * 3_600_000 + 123])
def test_after_a_time_without_evaluation_it_begins_before_the_last_one(away_ms: int) -> None:
    window_ms = reaching_back(ARRIVALS, NOON - away_ms, NOON).window_ms
    assert away_ms + OVERLAP_MS <= window_ms < away_ms + OVERLAP_MS + 1_000
    assert window_ms % 1_000 == 0, "it stands in messages"


def test_it_reaches_no_further_than_a_day() -> None:
    assert reaching_back(ARRIVALS, 0, NOON).window_ms == LONGEST_MS


def test_a_window_that_is_longer_than_that_stays() -> None:
    week = slow_renders(by_arrival=True, window_ms=7 * 86_400_000)
    assert reaching_back(week, NOON - 8 * 86_400_000, NOON) == week


def test_what_the_last_evaluation_did_not_see_either_is_not_seen_now() -> None:
    short = slow_renders(by_arrival=True, window_ms=2_000)
    assert reaching_back(short, NOON - MINUTE_MS, NOON).window_ms == MINUTE_MS + 2_000


def test_rules_by_the_time_of_events_look_at_their_window_alone() -> None:
    rule = slow_renders(window_ms=WINDOW_MS)
    assert reaching_back(rule, NOON - 3_600_000, NOON) == rule
