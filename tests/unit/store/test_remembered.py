from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.events import NOW_MS

from chatvitals.store.remembered import DAY_MS, Remembered

HOUR_MS = 3_600_000
ONE, TWO = (b"1" * 16, 11), (b"2" * 16, 22)
IDS = [ONE[0], TWO[0]]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "remembered.sqlite"


@pytest.fixture
def remembered(file: Path) -> Iterator[Remembered]:
    opened = Remembered(file)
    yield opened
    opened.close()


def test_only_what_was_remembered_is_known(remembered: Remembered) -> None:
    assert remembered.known_batches(IDS) == {}
    remembered.remember(NOW_MS, [ONE], [])
    assert remembered.known_batches(IDS) == dict([ONE])
    assert remembered.known_batches([]) == {}


@pytest.mark.parametrize("hours", range(0, 49, 6))
@pytest.mark.parametrize("start_hour", [0, 11, 23])
def test_a_batch_is_known_for_48_hours_at_least(remembered: Remembered, start_hour: int, hours: int) -> None:
    midnight = NOW_MS // DAY_MS * DAY_MS
    start = midnight + start_hour * HOUR_MS
    remembered.remember(start, [ONE], [])
    for hour in range(hours + 1):
        remembered.remember(start + hour * HOUR_MS, [], [])
    assert remembered.known_batches(IDS) == dict([ONE])


def test_a_batch_is_forgotten_after_three_days_at_most(remembered: Remembered) -> None:
    remembered.remember(NOW_MS, [ONE], [])
    remembered.remember(NOW_MS + 3 * DAY_MS, [TWO], [])
    assert remembered.known_batches(IDS) == dict([TWO])


def test_the_first_fingerprint_of_a_batch_stays(remembered: Remembered) -> None:
    remembered.remember(NOW_MS, [ONE], [])
    remembered.remember(NOW_MS, [(ONE[0], 99)], [])
    assert remembered.known_batches(IDS) == dict([ONE])


def test_more_ids_than_one_question_takes_are_found(remembered: Remembered) -> None:
    batches = [(number.to_bytes(16), number) for number in range(3_000)]
    remembered.remember(NOW_MS, batches[:1_500], [])
    remembered.remember(NOW_MS + DAY_MS, batches[1_500:2_500], [])
    assert remembered.known_batches([batch for batch, _ in batches]) == dict(batches[:2_500])


def test_what_is_remembered_is_there_after_a_restart(file: Path) -> None:
    before = Remembered(file)
    before.remember(NOW_MS, [ONE], [("acme", "device", "phone")])
    before.remember(NOW_MS + DAY_MS, [TWO], [])
    before.close()
    after = Remembered(file)
    assert after.known_batches(IDS) == dict([ONE, TWO])
    assert after.dimension_values(NOW_MS) == [("acme", "device", "phone")]
    after.remember(NOW_MS + 4 * DAY_MS, [], [])
    assert after.known_batches(IDS) == {}
    after.close()


def test_values_of_dimensions_are_known_for_thirty_days_after_their_last_sight(remembered: Remembered) -> None:
    values = [("acme", "device", "phone"), ("acme", "device", "desktop")]
    remembered.remember(NOW_MS, [], values)
    remembered.remember(NOW_MS + 10 * DAY_MS, [], values[:1])
    assert sorted(remembered.dimension_values(NOW_MS + 30 * DAY_MS)) == sorted(values)
    assert remembered.dimension_values(NOW_MS + 40 * DAY_MS) == values[:1]
    assert remembered.dimension_values(NOW_MS + 41 * DAY_MS) == []


def test_what_fails_leaves_everything_as_it_was(remembered: Remembered) -> None:
    def fails() -> Iterator[tuple[bytes, int]]:
        yield TWO
        raise ZeroDivisionError

    remembered.remember(NOW_MS, [ONE], [])
    with pytest.raises(ZeroDivisionError):
        remembered.remember(NOW_MS + 3 * DAY_MS, fails(), [])
    assert remembered.known_batches(IDS) == dict([ONE])
    remembered.remember(NOW_MS, [TWO], [])
    assert remembered.known_batches(IDS) == dict([ONE, TWO])
