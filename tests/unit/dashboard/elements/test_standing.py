import pytest

from chatvitals.dashboard.elements.standing import (
    before_said,
    health_cell,
    health_change,
    health_rank,
    health_trend,
    traffic_cell,
    traffic_trend,
)
from chatvitals.dashboard.elements.table import Cell
from chatvitals.dashboard.elements.trend import Trend
from chatvitals.query.health import Cap, Health, Status
from chatvitals.query.presence import Presence


def health_of(overall: int | None, status: Status = "healthy", cap: Cap | None = None) -> Health:
    return Health(overall, {}, status, cap, [])


LOST = health_of(49, "unhealthy", Cap(49, "dataLoss", "2 data-loss incident(s) in the window"))
UNKNOWN = health_of(None, "unknown")


def test_a_window_is_named_by_its_length() -> None:
    assert before_said(3_600_000) == "the 1 h before"


def test_health_is_a_score_with_its_status_in_a_word() -> None:
    assert health_cell(health_of(75, "degraded")) == Cell("75", grade="warning", word="degraded")
    assert health_cell(UNKNOWN) == Cell("–", grade="unknown", word="unknown")


def test_what_holds_a_score_down_is_told() -> None:
    cell = health_cell(LOST)
    assert (cell.grade, cell.exact) == ("bad", "At most 49: 2 data-loss incident(s) in the window")


def test_who_lost_data_and_is_otherwise_unknown_is_worst_of_all() -> None:
    assert [health_rank(one) for one in (health_of(100), LOST, health_of(None, "unhealthy"), UNKNOWN)] == [
        100,
        49,
        0,
        None,
    ]


@pytest.mark.parametrize(
    ("now", "before", "change", "shown"),
    [
        (90, 86, 4, Trend("up", True, "+4", "4 points more than in the 1 h before")),
        (85, 86, -1, Trend("down", False, "−1", "1 point less than in the 1 h before")),
        (86, 86, 0, Trend("flat", None, "±0", "as in the 1 h before")),
        (None, 86, None, None),
        (86, None, None, None),
    ],
)
def test_health_moves_by_points(now: int | None, before: int | None, change: int | None, shown: Trend | None) -> None:
    assert health_change(health_of(now), health_of(before)) == change
    assert health_trend(health_of(now), health_of(before), "the 1 h before") == shown


def test_health_that_is_not_kept_any_more_has_no_trend() -> None:
    assert health_change(health_of(90), None) is None
    assert health_trend(health_of(90), None, "the 1 h before") is None


@pytest.mark.parametrize(
    ("now", "before", "text", "words"),
    [
        (150, 100, "+50 %", "50 % more sessions than in it"),
        (0, 100, "−100 %", "100 % fewer sessions than in it"),
        (100, 100, "±0", "as in it"),
        (1_009, 1_000, "±0", "as in it"),
        (999, 100, "+899 %", "899 % more sessions than in it"),
        (1_000, 100, "× 10", "10 times as many sessions as in it"),
    ],
)
def test_more_traffic_is_neither_better_nor_worse(now: int, before: int, text: str, words: str) -> None:
    moved = traffic_trend(now, before, "it")
    assert moved is not None
    assert (moved.better, moved.text, moved.words) == (None, text, words)


@pytest.mark.parametrize("before", [None, 0])
def test_from_nothing_nothing_moves(before: int | None) -> None:
    assert traffic_trend(5, before, "it") is None


def test_traffic_has_a_bar_against_the_busiest_and_tells_its_share_of_all() -> None:
    cell = traffic_cell(Presence(1_234, 50), all_sessions=400, most=200)
    assert cell == Cell("50", exact="12.5 % of 400 sessions, 1,234 events", share=25.0)
    assert traffic_cell(Presence(0, 0), 0, 0).share == 0
