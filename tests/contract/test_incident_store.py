"""Incidents, their timelines and their statistics, as they are kept and found."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from tests.unit.alerting.situations import NOON, account, alert, incident

from chatvitals.alerting.handling import acknowledge, comment, reopen, resolve
from chatvitals.alerting.incidents import follow, open_incident
from chatvitals.catalogue.severities import Severity
from chatvitals.errors import Conflict
from chatvitals.store.control.database import open_database, reading
from chatvitals.store.control.incident_statistics import RuleCount
from chatvitals.store.control.incidents import (
    MOST_LINES,
    Entry,
    EntryKind,
    Incident,
    Incidents,
    IncidentStatus,
    Update,
    Wanted,
    append_entries,
    put_updates,
    read_dispatchable,
    read_open,
    read_resolved_by_hand,
)

MINUTE_MS = 60_000


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Engine]:
    opened = open_database(f"sqlite:///{tmp_path / 'control.sqlite'}")
    yield opened
    opened.dispose()


@pytest.fixture
def incidents(database: Engine) -> Incidents:
    return Incidents(database)


def put(database: Engine, *updates: Update | None) -> None:
    with database.begin() as connection:
        put_updates(connection, [update for update in updates if update is not None])


def opened(database: Engine, id: str, now_ms: int = NOON, **changes: Any) -> Incident:
    """An incident that was just opened and kept; each has an alert of its own unless told otherwise."""
    made = replace(incident(now_ms=now_ms), id=id, fingerprint=changes.pop("fingerprint", id), **changes)
    put(database, Update(made, None))
    return made


def ids(found: list[Incident]) -> list[str]:
    return [one.id for one in found]


def test_an_incident_is_found_as_it_was_put_with_its_timeline(database: Engine, incidents: Incidents) -> None:
    first = open_incident(alert(), account(), "a", NOON)
    second = follow(alert(60.0, Severity.CRITICAL), first.incident, None, NOON + 1)
    assert second is not None
    put(database, first)
    put(database, second)
    assert incidents.get("a") == (second.incident, [first.entry, second.entry])
    assert incidents.get("nobody's") is None


def test_of_a_very_long_timeline_the_end_is_told(database: Engine, incidents: Incidents) -> None:
    opened(database, "a")
    lines = [Entry(at_ms=NOON + place, kind=EntryKind.UPDATED) for place in range(MOST_LINES + 3)]
    with database.begin() as connection:
        append_entries(connection, [("a", line) for line in lines])
    found = incidents.get("a")
    assert found is not None
    assert found[1] == lines[3:]


def test_one_incident_of_a_fingerprint_is_open(database: Engine) -> None:
    one = opened(database, "a", fingerprint="f")
    with pytest.raises(IntegrityError):
        opened(database, "b", fingerprint="f")
    put(database, resolve(one, "kim", "", NOON + 1))
    opened(database, "b", fingerprint="f")


def test_one_that_ends_makes_room_for_another_in_the_same_transaction(database: Engine, incidents: Incidents) -> None:
    one = opened(database, "a", fingerprint="f")
    another = replace(one, id="b")
    put(database, Update(another, None), resolve(one, "kim", "", NOON + 1))
    assert ids(incidents.find(Wanted(statuses=(IncidentStatus.OPEN,)), 10)) == ["b"]


def test_incidents_are_found_by_what_is_asked_newest_first(database: Engine, incidents: Incidents) -> None:
    opened(database, "a", NOON)
    opened(database, "b", NOON + 2, severity=Severity.CRITICAL, category="api", rule="other", site="blog")
    opened(database, "c", NOON + 1)
    put(database, resolve(opened(database, "d", NOON + 3), "kim", "", NOON + 4))
    assert ids(incidents.find(Wanted(), 10)) == ["d", "b", "c", "a"]
    for wanted, found in (
        (Wanted(statuses=(IncidentStatus.OPEN, IncidentStatus.ACKNOWLEDGED)), ["b", "c", "a"]),
        (Wanted(statuses=(IncidentStatus.RESOLVED,)), ["d"]),
        (Wanted(severities=(Severity.CRITICAL, Severity.ERROR)), ["b"]),
        (Wanted(categories=("api",)), ["b"]),
        (Wanted(rules=("other", "none")), ["b"]),
        (Wanted(sites=("shop",)), ["d", "c", "a"]),
        (Wanted(sites=("shop",), severities=(Severity.CRITICAL,)), []),
        (Wanted(opened_from_ms=NOON + 1, opened_to_ms=NOON + 3), ["b", "c"]),
    ):
        assert ids(incidents.find(wanted, 10)) == found, wanted


def test_pages_follow_each_other_whatever_opens_meanwhile(database: Engine, incidents: Incidents) -> None:
    for number in range(7):
        opened(database, f"i{number}", NOON + number // 3)  # several in the same millisecond
    first = incidents.find(Wanted(), 3)
    opened(database, "newer", NOON + 100)
    second = incidents.find(Wanted(), 3, first[-1].id)
    third = incidents.find(Wanted(), 3, second[-1].id)
    assert ids(first + second + third) == [f"i{number}" for number in reversed(range(7))]
    assert incidents.find(Wanted(), 3, third[-1].id) == []


def test_what_people_do_is_put_down(database: Engine, incidents: Incidents) -> None:
    opened(database, "a")
    assert incidents.change("a", lambda one: comment(one, "sam", "hm", NOON + 1))
    taken = incidents.change("a", lambda one: acknowledge(one, "kim", "on it", NOON + 2))
    assert taken is not None
    assert taken.status is IncidentStatus.ACKNOWLEDGED
    over = incidents.change("a", lambda one: resolve(one, "kim", "", NOON + 3))
    assert incidents.change("a", lambda one: comment(one, "sam", "thanks", NOON + 4)) == over
    with pytest.raises(Conflict):
        incidents.change("a", lambda one: acknowledge(one, "kim", "", NOON + 5))
    found = incidents.get("a")
    assert found is not None
    assert found[0] == over
    assert [(entry.kind, entry.who) for entry in found[1]] == [
        ("commented", "sam"),
        ("acknowledged", "kim"),
        ("resolved", "kim"),
        ("commented", "sam"),
    ]
    assert incidents.change("nobody's", lambda one: comment(one, "sam", "hm", NOON)) is None


def test_two_who_act_at_once_act_one_after_the_other(database: Engine, incidents: Incidents) -> None:
    opened(database, "a")
    barrier = threading.Barrier(8)

    def act(who: str) -> None:
        barrier.wait()
        incidents.change("a", lambda one: acknowledge(one, who, "", NOON + 1))

    threads = [threading.Thread(target=act, args=(f"who-{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = incidents.get("a")
    assert found is not None
    assert found[0].revision == 9
    assert len(found[1]) == 8


def test_open_ones_are_read_for_their_rules(database: Engine) -> None:
    opened(database, "a")
    opened(database, "b", rule="other")
    put(database, resolve(opened(database, "c"), "kim", "", NOON))
    with database.begin() as connection:
        assert ids(read_open(connection)) == ["a", "b"]
        assert ids(read_open(connection, ["other", "more"])) == ["b"]
        assert ids(read_dispatchable(connection, [])) == ["a", "b"]
        assert sorted(ids(read_dispatchable(connection, ["c", "x"]))) == ["a", "b", "c"]


def test_the_last_end_decides_whether_it_was_by_hand(database: Engine) -> None:
    put(database, resolve(opened(database, "a", fingerprint="f"), "kim", "", NOON + 1))
    put(database, resolve(opened(database, "b", fingerprint="g"), "kim", "", NOON + 1))
    put(database, resolve(opened(database, "c", fingerprint="g"), "", "", NOON + 2))
    with reading(database) as connection:
        assert read_resolved_by_hand(connection, ["f", "g", "h"], NOON).keys() == {"f"}
        assert read_resolved_by_hand(connection, ["f"], NOON + 2) == {}
        many = [f"x{number}" for number in range(40_000)]
        assert read_resolved_by_hand(connection, [*many, "f"], NOON).keys() == {"f"}


def test_entries_can_be_appended_alone(database: Engine, incidents: Incidents) -> None:
    one = opened(database, "a")
    entry = comment(one, "sam", "hm", NOON + 1).entry
    assert entry is not None
    with database.begin() as connection:
        append_entries(connection, [("a", entry)])
        append_entries(connection, [])
    assert incidents.get("a") == (one, [entry])


def test_statistics_count_and_time_what_is_asked(database: Engine, incidents: Incidents) -> None:
    empty = incidents.statistics(Wanted())
    assert (empty.total, empty.by_severity, empty.mean_to_acknowledge_ms, empty.noisiest) == (0, {}, None, ())
    for number in range(3):
        one = opened(database, f"a{number}", NOON, rule="noisy")
        taken = acknowledge(one, "kim", "", NOON + (number + 1) * MINUTE_MS)
        put(database, taken, resolve(taken.incident, "kim", "", NOON + (number + 4) * MINUTE_MS))
    opened(database, "b", NOON + 1, severity=Severity.CRITICAL, category="api", rule="calm")
    opened(database, "c", NOON + MINUTE_MS, site="blog", rule="calm-too")

    counted = incidents.statistics(Wanted())
    assert counted.total == 5
    assert counted.by_severity == {"critical": 1, "warning": 4}
    assert counted.by_category == {"api": 1, "performance": 4}
    assert counted.by_status == {"open": 2, "resolved": 3}
    assert counted.mean_to_acknowledge_ms == 2 * MINUTE_MS
    assert counted.mean_to_resolve_ms == 5 * MINUTE_MS
    assert counted.noisiest == (RuleCount("noisy", 3), RuleCount("calm", 1), RuleCount("calm-too", 1))

    later = incidents.statistics(Wanted(opened_from_ms=NOON + MINUTE_MS, sites=("blog",)))
    assert (later.total, later.mean_to_acknowledge_ms) == (1, None)


def test_an_incident_is_not_reopened_beside_another_of_its_alert(database: Engine, incidents: Incidents) -> None:
    opened(database, "old", fingerprint="f")
    incidents.change("old", lambda one: resolve(one, "kim", "", NOON))
    reopened = incidents.change("old", lambda one: reopen(one, "kim", "", NOON))
    assert reopened is not None
    assert reopened.status is IncidentStatus.OPEN
    incidents.change("old", lambda one: resolve(one, "kim", "", NOON))
    opened(database, "new", fingerprint="f")
    with pytest.raises(Conflict, match="another incident of this alert is open"):
        incidents.change("old", lambda one: reopen(one, "kim", "", NOON))
    found = incidents.get("old")
    assert found is not None
    assert found[0].status is IncidentStatus.RESOLVED
    assert [entry.kind for entry in found[1]][-1] is EntryKind.RESOLVED


def test_pages_go_both_ways(database: Engine, incidents: Incidents) -> None:
    for number in range(5):
        opened(database, f"i{number}", NOON + number // 2)

    def ids(limit: int, **cursor: str) -> list[str]:
        return [one.id for one in incidents.find(Wanted(), limit, **cursor)]

    assert ids(2) == ["i4", "i3"]
    assert ids(2, after="i3") == ["i2", "i1"]
    assert ids(2, before="i2") == ["i4", "i3"]
    assert ids(2, before="i0") == ["i2", "i1"]
    assert ids(9, before="i4") == []
