import pytest
from tests.unit.alerting.situations import NOON, incident

from chatvitals.alerting.handling import acknowledge, comment, resolve
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
