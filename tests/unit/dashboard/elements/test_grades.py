import pytest

from chatvitals.catalogue.bands import Bands
from chatvitals.catalogue.metrics import METRICS, METRICS_BY_PATH, Metric
from chatvitals.dashboard.elements.grades import grade_figure, within_target
from chatvitals.query.figures import Figure

RENDER = "performance.renders.p95Time"
LOSS = "persistence.dataLoss.incidents"


def grade(path: str, value: float | None, n: int = 100, *, seen: bool = True, bands: Bands | None = None) -> str:
    metric = METRICS_BY_PATH[path]
    return grade_figure(metric, Figure(value, n, n), bands or metric.bands, 10, seen=seen)


@pytest.mark.parametrize(
    ("value", "expected"), [(9.0, "good"), (16.0, "good"), (16.1, "warning"), (25.0, "warning"), (25.1, "bad")]
)
def test_four_bands_have_three_colours(value: float, expected: str) -> None:
    assert grade(RENDER, value) == expected


def test_bands_of_the_settings_count() -> None:
    assert grade(RENDER, 9.0, bands=Bands(1, 2, 3)) == "bad"


def test_without_bands_the_target_decides() -> None:
    assert grade("persistence.navigation.successRate", 99.0) == "good"
    assert grade("persistence.navigation.successRate", 98.9) == "warning"
    assert grade("api.errorRate", 1.0) == "good"
    assert grade("api.errorRate", 1.1) == "warning"


def test_one_of_what_there_should_be_none_is_bad_however_few_the_samples() -> None:
    assert grade(LOSS, 1, n=1) == "bad"
    assert grade(LOSS, 0, n=0) == "good"
    assert grade("persistence.restoration.wrongIdentityRate", 0.1) == "bad"


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.path)
def test_unknown_is_never_good(metric: Metric) -> None:
    assert grade(metric.path, None, n=0) == "unknown"
    assert grade(metric.path, 0, n=0, seen=False) == "unknown"


def test_too_few_samples_are_unknown() -> None:
    assert grade(RENDER, 9.0, n=9) == "unknown"


def test_what_has_neither_bands_nor_target_has_no_grade() -> None:
    assert grade("api.totalCalls", 12) == ""
    assert within_target(METRICS_BY_PATH["api.totalCalls"], 12)
