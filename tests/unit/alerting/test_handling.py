import pytest
from tests.unit.alerting.situations import NOON, incident

from chatvitals.alerting.handling import acknowledge, comment, release, reopen, resolve
from chatvitals.alerting.incidents import recover
from chatvitals.errors import BadRequest, Conflict
from chatvitals.store.control.incidents import EntryKind, IncidentStatus

LATER = NOON + 60_000


def test_whoever_takes_it_on_is_named() -> None:
    update = acknowledge(incident(), "kim", "on it", LATER)
    taken, entry = update.incident, update.entry
    assert (taken.status, taken.acknowledged_by, taken.acknowledged_ms) == ("acknowledged", "kim", LATER)
    assert taken.revision == 2
    assert entry is not None
    assert (entry.kind, entry.who, entry.words, entry.at_ms) == (EntryKind.ACKNOWLEDGED, "kim", "on it", LATER)


def test_another_may_take_it_over_and_the_first_time_counts() -> None:
    first = acknowledge(incident(), "kim", "", LATER).incident
    second = acknowledge(first, "sam", "", LATER + 1).incident
    assert (second.acknowledged_by, second.acknowledged_ms) == ("sam", LATER)


def test_whoever_resolves_it_is_named() -> None:
    update = resolve(incident(), "kim", "rolled back", LATER)
    assert (update.incident.status, update.incident.resolved_by) == (IncidentStatus.RESOLVED, "kim")
    assert update.entry is not None
    assert (update.entry.kind, update.entry.who, update.entry.words) == (EntryKind.RESOLVED, "kim", "rolled back")
    assert update.entry.value == 20.0


def test_what_is_resolved_is_neither_taken_on_nor_resolved_again() -> None:
    over = resolve(incident(), "kim", "", LATER).incident
    with pytest.raises(Conflict, match="by kim"):
        acknowledge(over, "sam", "", LATER)
    with pytest.raises(Conflict, match="resolved already"):
        resolve(over, "sam", "", LATER)


def test_a_comment_changes_nothing_else() -> None:
    over = resolve(incident(), "kim", "", LATER).incident
    update = comment(over, "sam", "it was the storage", LATER)
    assert update.incident is over
    assert update.entry is not None
    assert (update.entry.kind, update.entry.who, update.entry.words) == ("commented", "sam", "it was the storage")
    with pytest.raises(BadRequest, match="words is empty"):
        comment(over, "sam", "", LATER)


def test_an_acknowledgement_is_taken_back() -> None:
    taken = acknowledge(incident(), "kim", "", LATER).incident
    update = release(taken, "kim", "", LATER + 1)
    free = update.incident
    assert (free.status, free.acknowledged_by, free.acknowledged_ms) == (IncidentStatus.OPEN, "", None)
    assert free.revision == taken.revision + 1
    assert update.entry is not None
    assert (update.entry.kind, update.entry.who) == (EntryKind.RELEASED, "kim")
    for other in (free, resolve(taken, "kim", "", LATER).incident):
        with pytest.raises(Conflict, match="no acknowledgement"):
            release(other, "kim", "", LATER)


@pytest.mark.parametrize("taken_on", [True, False])
def test_a_resolution_by_hand_is_taken_back(taken_on: bool) -> None:
    before = acknowledge(incident(), "kim", "", LATER).incident if taken_on else incident()
    update = reopen(resolve(before, "sam", "", LATER).incident, "sam", "", LATER + 1)
    assert update.incident.status is before.status
    assert (update.incident.resolved_ms, update.incident.resolved_by) == (None, "")
    assert update.incident.acknowledged_by == before.acknowledged_by
    assert update.entry is not None
    assert (update.entry.kind, update.entry.who) == (EntryKind.REOPENED, "sam")


def test_what_is_open_or_ended_by_itself_is_not_reopened() -> None:
    with pytest.raises(Conflict, match="open already"):
        reopen(incident(), "kim", "", LATER)
    with pytest.raises(Conflict, match="by itself"):
        reopen(recover(incident(), None, LATER).incident, "kim", "", LATER)
