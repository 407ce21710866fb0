"""When releases were there, in raw events and, where those are gone, in rollups."""

import asyncio

from tests.contract.history import random_events, store
from tests.unit.events import NOW_MS

from chatvitals.query.request import Question, Scope, Window
from chatvitals.query.rollups import Rollups
from chatvitals.query.sightings import Sighting, sight_releases
from chatvitals.store.events.embedded import EmbeddedEngine

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
LATER_MS = NOW_MS + 2 * HOUR_MS


def question_of(site: str, **filters: tuple[str, ...]) -> Question:
    return Question(Window(LATER_MS - 1, LATER_MS), {"site": (site,), **filters})


def test_a_release_is_seen_from_its_first_to_its_last_event(engine: EmbeddedEngine) -> None:
    events = random_events(61, 300)
    found = sight_releases(engine, question_of(store(engine, events)), LATER_MS, 30)
    moments = {name: [e["timestamp"] for e in events if e["release"] == name] for name in ("2.3", "2.4")}
    assert found == {name: Sighting(min(own), max(own)) for name, own in moments.items()}


def test_the_sites_matter_and_no_other_filter_does(engine: EmbeddedEngine) -> None:
    site = store(engine, random_events(62, 300))
    whole = sight_releases(engine, question_of(site), LATER_MS, 30)
    assert sight_releases(engine, question_of(site, release=("2.3",), customer=("acme",)), LATER_MS, 30) == whole
    assert sight_releases(engine, question_of("another"), LATER_MS, 30) == {}
    walled = Question(Window(0, LATER_MS), {"site": (site,)}, Scope(("another",)))
    assert sight_releases(engine, walled, LATER_MS, 30) == {}


def test_what_has_no_raw_events_any_more_is_known_to_the_hour(engine: EmbeddedEngine) -> None:
    events = [event | {"release": "1.0"} for event in random_events(63, 100)]
    site = store(engine, events)
    rollups = Rollups(engine, lambda: LATER_MS, raw_retention_days=30)
    hours = sorted({event["timestamp"] // HOUR_MS * HOUR_MS for event in events})
    rollups.touch(hours)
    asyncio.run(rollups.roll_up_sealed())
    much_later = LATER_MS + 40 * DAY_MS
    assert sight_releases(engine, question_of(site), much_later, 30) == {"1.0": Sighting(hours[0], hours[-1])}
