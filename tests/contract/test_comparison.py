"""Side by side, every value of a dimension has the figures that it has when it is asked for alone."""

import asyncio

import pytest
from tests.contract.history import LENGTH_MS, VALUES, Event, random_events, store
from tests.support.figures import expected_figures
from tests.unit.events import NOW_MS

from chatvitals.catalogue.metrics import METRICS, METRICS_BY_PATH
from chatvitals.errors import BadRequest
from chatvitals.query.buckets import Steps
from chatvitals.query.build import Grouping
from chatvitals.query.comparison import Comparison, compare, stand
from chatvitals.query.figures import Source
from chatvitals.query.presence import ABSENT, Presence, who_was_there
from chatvitals.query.request import Question, Scope, Window
from chatvitals.query.rollups import Rollups
from chatvitals.query.snapshot import take_picture
from chatvitals.store.events.embedded import EmbeddedEngine

END_MS = NOW_MS + LENGTH_MS
HALF_MS = LENGTH_MS // 2
SECOND_HALF = Window(NOW_MS + HALF_MS, END_MS)
DAY_MS = 86_400_000


def source_at(engine: EmbeddedEngine, now_ms: int) -> Source:
    return Source(engine, Rollups(engine, lambda: now_ms, raw_retention_days=30))


@pytest.fixture(scope="module")
def source(engine: EmbeddedEngine) -> Source:
    return source_at(engine, END_MS)


@pytest.fixture(scope="module")
def events() -> list[Event]:
    return random_events(41, 3_000, samples=(1.0, 0.5))


@pytest.fixture(scope="module")
def site(engine: EmbeddedEngine, events: list[Event]) -> str:
    return store(engine, events)


@pytest.mark.parametrize("by", ["customer", "release", "variant"])
def test_every_value_is_as_it_is_alone_in_both_windows(source: Source, site: str, by: str) -> None:
    question = Question(SECOND_HALF, {"site": (site,)})
    compared = compare(source, question, METRICS, by)
    assert {one.key for one in compared} == set(VALUES[by])
    for one in compared:
        alone = question.where(by, [one.key])
        assert one.now.figures == take_picture(source, alone).figures
        assert one.before is not None
        assert one.before.figures == take_picture(source, alone.over(SECOND_HALF.previous())).figures


def test_traffic_is_that_of_the_very_events(source: Source, events: list[Event], site: str) -> None:
    compared = compare(source, Question(SECOND_HALF, {"site": (site,)}), (), "customer")
    for one in compared:
        own = [event for event in events if event["customer"] == one.key]
        now = [event for event in own if event["timestamp"] >= SECOND_HALF.start_ms]
        before = [event for event in own if event["timestamp"] < SECOND_HALF.start_ms]
        assert one.now.presence == Presence(len(now), len({event["sessionId"] for event in now}))
        assert one.before is not None
        assert one.before.presence == Presence(len(before), len({event["sessionId"] for event in before}))
    sessions = [one.now.presence.sessions for one in compared]
    assert sessions == sorted(sessions, reverse=True)


def test_who_is_in_one_of_the_windows_only_is_told_with_nothing_in_the_other(
    engine: EmbeddedEngine, source: Source
) -> None:
    early, late = random_events(42, 40)[:10], random_events(42, 40)[-10:]
    site = store(engine, [event | {"customer": "gone"} for event in early] + [e | {"customer": "new"} for e in late])
    loss = METRICS_BY_PATH["persistence.dataLoss.incidents"], METRICS_BY_PATH["api.p95Duration"]
    compared = {one.key: one for one in compare(source, Question(SECOND_HALF, {"site": (site,)}), loss, "customer")}
    assert compared.keys() == {"gone", "new"}
    before = compared["new"].before
    assert before is not None
    for nothing in (compared["gone"].now, before):
        assert nothing.presence == ABSENT
        assert [figure.value for figure in nothing.figures.values()] == [0, None]


def test_a_window_before_that_is_not_kept_any_more_is_unknown(engine: EmbeddedEngine, site: str) -> None:
    later = source_at(engine, SECOND_HALF.start_ms + 30 * DAY_MS)
    compared = compare(later, Question(SECOND_HALF, {"site": (site,)}), METRICS[:1], "customer")
    assert len(compared) == 4
    assert all(one.before is None for one in compared)


def test_long_windows_are_compared_as_short_ones_are(engine: EmbeddedEngine, source: Source) -> None:
    day = Window(END_MS - DAY_MS, END_MS)
    longer = Window(END_MS - DAY_MS - 1, END_MS)
    moved = [event | {"timestamp": event["timestamp"] - DAY_MS} for event in random_events(43, 400)]
    site = store(engine, random_events(44, 400) + moved)

    def told(window: Window) -> list[Comparison]:
        return compare(source, Question(window, {"site": (site,)}), METRICS[:12], "customer")

    assert told(day) == told(longer)


def test_who_stands_alone_needs_no_window_before(source: Source, site: str) -> None:
    question = Question(SECOND_HALF, {"site": (site,)})
    compared = compare(source, question, METRICS, "release")
    assert stand(source, question, METRICS, "release") == {one.key: one.now for one in compared}


def test_rolled_up_hours_tell_the_same_traffic(engine: EmbeddedEngine) -> None:
    """Once the raw events are over-age, rollups are all that is read."""
    hours = [random_events(50 + hour, 200) for hour in range(3)]
    spread = [
        event | {"timestamp": event["timestamp"] - hour * 3_600_000} for hour, own in enumerate(hours) for event in own
    ]
    site = store(engine, spread)
    hour_ms = 3_600_000
    start = (NOW_MS - 2 * hour_ms) // hour_ms * hour_ms
    window = Window(start, start + 5 * hour_ms)
    question = Question(window, {"site": (site,)})
    grouping = Grouping(Steps(hour_ms), ("release",))
    raw = who_was_there(source_at(engine, window.end_ms), question, grouping)
    assert sum(presence.events for presence in raw.values()) == len(spread)

    moment = window.end_ms
    rollups = Rollups(engine, lambda: moment, raw_retention_days=30)
    rollups.touch(range(start, window.end_ms, hour_ms))
    asyncio.run(rollups.roll_up_sealed())
    moment = window.end_ms + 31 * DAY_MS
    assert who_was_there(Source(engine, rollups), question, grouping) == raw


def test_a_scope_is_a_wall(source: Source, site: str) -> None:
    question = Question(SECOND_HALF, {"site": (site,)}, Scope(("another",)))
    assert compare(source, question, METRICS, "customer") == []


def test_only_dimensions_can_be_compared(source: Source) -> None:
    with pytest.raises(BadRequest, match="give one of customer"):
        compare(source, Question(SECOND_HALF), METRICS, "endpoint")


def test_the_figures_are_those_of_the_very_events(source: Source, engine: EmbeddedEngine) -> None:
    events = random_events(45, 2_000)
    site = store(engine, events)
    compared = compare(source, Question(SECOND_HALF, {"site": (site,)}), METRICS, "customer")
    for one in compared:
        own = [e for e in events if e["customer"] == one.key and e["timestamp"] >= SECOND_HALF.start_ms]
        expected = expected_figures(own, END_MS)
        for path in ("api.p95Duration", "memory.peak", "persistence.dataLoss.messages"):
            assert one.now.figures[path].value == pytest.approx(expected[path], rel=1e-6)
