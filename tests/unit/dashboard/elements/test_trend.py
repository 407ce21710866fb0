import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatvitals.catalogue.metrics import METRICS, METRICS_BY_PATH, Metric
from chatvitals.dashboard.elements.trend import Trend, trend
from chatvitals.query.figures import Figure

RENDER = "performance.renders.p95Time"


def change(path: str, before: float | None, now: float | None, n: int = 100) -> Trend | None:
    return trend(METRICS_BY_PATH[path], Figure(now, n, n), Figure(before, n, n), 10, "the hour before")


@pytest.mark.parametrize(
    ("path", "before", "now", "expected"),
    [
        (RENDER, 10.0, 12.0, Trend("up", False, "+20 %", "20 % more than in the hour before")),
        (RENDER, 10.0, 8.0, Trend("down", True, "−20 %", "20 % less than in the hour before")),
        (RENDER, 10.0, 10.05, Trend("flat", None, "±0", "as in the hour before")),
        ("api.totalCalls", 100, 150, Trend("up", None, "+50 %", "50 % more than in the hour before")),
        (RENDER, 10.0, 10.4, Trend("up", None, "+4 %", "4 % more than in the hour before")),
        (RENDER, 10.0, 100.0, Trend("up", False, "× 10", "10 times as much as in the hour before")),
        (RENDER, 100.0, 1.0, Trend("down", True, "−99 %", "99 % less than in the hour before")),
        (RENDER, 10.0, 31.04, Trend("up", False, "+210 %", "210 % more than in the hour before")),
        ("api.errorRate", 1.0, 1.5, Trend("up", False, "+0.5 pt", "0.5 points more than in the hour before")),
        ("api.errorRate", 1.0, 1.4, Trend("up", None, "+0.4 pt", "0.4 points more than in the hour before")),
        (
            "persistence.operations.successRate",
            99.0,
            99.02,
            Trend("flat", None, "±0", "as in the hour before"),
        ),
        ("persistence.dataLoss.incidents", 0, 3, Trend("up", False, "+3", "3 more than in the hour before")),
    ],
)
def test_a_change_in_words(path: str, before: float, now: float, expected: Trend) -> None:
    assert change(path, before, now) == expected


def test_what_is_unknown_has_no_trend() -> None:
    assert change(RENDER, None, 1.0) is None
    assert change(RENDER, 1.0, None) is None
    assert change(RENDER, 1.0, 2.0, n=9) is None
    assert change("persistence.dataLoss.incidents", 1, 2, n=2) is not None


@given(st.sampled_from(METRICS), st.floats(0, 1e9), st.floats(0, 1e9))
def test_better_is_the_direction_that_the_metric_says(metric: Metric, before: float, now: float) -> None:
    found = trend(metric, Figure(now, 100, 100), Figure(before, 100, 100), 10, "before")
    assert found is not None
    if found.better is not None:
        assert found.better == ((now > before) == metric.higher_is_better)
        assert found.direction == ("up" if now > before else "down")


def test_percentages_move_by_hundredths_of_a_point() -> None:
    moved = change("api.errorRate", 1.0, 1.0572)
    assert moved is not None
    assert moved.text == "+0.06 pt"
