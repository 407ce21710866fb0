"""A release is marked where it was seen first, if it wasn't there before."""

import pytest
from tests.contract.history import store
from tests.contract.telling import LENGTH_MS, about, told
from tests.unit.events import NOW_MS

from chatvitals.catalogue.dimensions import OVERFLOW
from chatvitals.query.marks import FirstSeen, first_seen
from chatvitals.store.events.embedded import EmbeddedEngine

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


@pytest.fixture(scope="module")
def site(engine: EmbeddedEngine) -> str:
    def seen(release: str, at_ms: int, browser: str = "Chrome 143") -> dict[str, object]:
        return told("navigation", preserved=True, release=release, timestamp=at_ms, browser=browser)

    return store(
        engine,
        [
            seen("2.4.1", NOW_MS + 5_000),
            seen("2.4.1", NOW_MS + 9_000, "Safari 26"),
            seen("2.4.0", NOW_MS - HOUR_MS),
            seen("2.4.0", NOW_MS + 1_000),
            seen("2.3.9", NOW_MS - DAY_MS - 1),
            seen("2.3.9", NOW_MS + 7_000),
            seen("", NOW_MS + 1_000),
            seen(OVERFLOW, NOW_MS + 1_000),
            seen("3.0.0", NOW_MS + LENGTH_MS),
        ],
    )


def test_only_what_is_new_in_the_window(engine: EmbeddedEngine, site: str) -> None:
    assert first_seen(engine, about(site), 0) == [
        FirstSeen("2.4.1", NOW_MS + 5_000),
        FirstSeen("2.3.9", NOW_MS + 7_000),
    ]


def test_through_filters(engine: EmbeddedEngine, site: str) -> None:
    safari = about(site, {"browser": ("Safari 26",)})
    assert first_seen(engine, safari, 0) == [FirstSeen("2.4.1", NOW_MS + 9_000)]


def test_what_may_have_been_there_before_raw_events_begin_is_not_new(engine: EmbeddedEngine, site: str) -> None:
    assert first_seen(engine, about(site), NOW_MS - DAY_MS + 6_000) == [FirstSeen("2.3.9", NOW_MS + 7_000)]
    assert first_seen(engine, about(site), NOW_MS) == []
