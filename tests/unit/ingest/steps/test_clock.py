import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.events import NOW_MS
from tests.unit.ingest.deliveries import delivery_of, renders_at

from chatvitals.ingest.delivery import Delivery
from chatvitals.ingest.steps.clock import TRANSIT_MS, RejectImplausibleTimes, correct_clock

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
STEP = RejectImplausibleTimes(DAY_MS, 60_000, 30 * DAY_MS)


def checked(*times: float, sent_ms: float = NOW_MS, live: bool = True) -> Delivery:
    delivery = delivery_of(*renders_at(*times), sent_ms=sent_ms, live=live)
    correct_clock(delivery)
    STEP(delivery)
    return delivery


@pytest.mark.parametrize("off_ms", [-3 * DAY_MS, -TRANSIT_MS - 1, TRANSIT_MS + 1, 5 * HOUR_MS, 400 * DAY_MS])
def test_a_wrong_clock_is_corrected_by_what_it_is_off(off_ms: int) -> None:
    delivery = checked(NOW_MS + off_ms - 100, sent_ms=NOW_MS + off_ms)
    assert delivery.skew_ms == -off_ms
    assert delivery.events[0].timestamp + delivery.skew_ms == NOW_MS - 100
    assert delivery.events[0].timestamp == NOW_MS + off_ms - 100, "the client's own time stays known"


@pytest.mark.parametrize("off_ms", [0, 1, TRANSIT_MS, -TRANSIT_MS])
def test_the_way_of_the_request_is_no_wrong_clock(off_ms: int) -> None:
    assert checked(NOW_MS, sent_ms=NOW_MS + off_ms).skew_ms == 0


def test_imported_times_are_taken_as_they_are() -> None:
    assert checked(NOW_MS - HOUR_MS, sent_ms=0, live=False).skew_ms == 0


@pytest.mark.parametrize("sent_ms", [NOW_MS, NOW_MS - 7 * HOUR_MS, NOW_MS + 400 * DAY_MS])
def test_what_is_older_than_a_day_or_over_a_minute_ahead_is_rejected(sent_ms: float) -> None:
    ages = (DAY_MS + 1, DAY_MS, 0, -60_000, -60_001)
    delivery = checked(*(sent_ms - age for age in ages), sent_ms=sent_ms)
    assert [event.timestamp for event in delivery.events] == [sent_ms - age for age in ages[1:4]]
    assert [(one.index, one.field, one.reason) for one in delivery.rejections] == [
        (0, "timestamp", "too_old"),
        (4, "timestamp", "in_future"),
    ]


def test_imported_events_may_be_as_old_as_events_are_kept() -> None:
    delivery = checked(NOW_MS - 30 * DAY_MS - 1, NOW_MS - 30 * DAY_MS, live=False)
    assert [(one.index, one.reason) for one in delivery.rejections] == [(0, "too_old")]


def test_no_events_are_no_error() -> None:
    assert checked().events == []


@given(sent_ms=st.floats(0, 4e12), times=st.lists(st.floats(0, 4e12), max_size=6))
def test_every_event_that_stays_is_plausible_by_the_servers_clock(sent_ms: float, times: list[float]) -> None:
    delivery = checked(*times, sent_ms=sent_ms)
    assert len(delivery.events) + len(delivery.rejections) == len(times)
    for event in delivery.events:
        assert NOW_MS - DAY_MS <= event.timestamp + delivery.skew_ms <= NOW_MS + 60_000
