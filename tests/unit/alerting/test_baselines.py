import pytest

from chatvitals.alerting.baselines import Standing, compare_metric
from chatvitals.catalogue.metrics import METRICS_BY_PATH
from chatvitals.store.control.baselines import CapturedFigure

TIME, RATE = "performance.renders.p95Time", "persistence.operations.successRate"


def of(value: float | None, n: int = 100) -> CapturedFigure:
    return CapturedFigure(value, n, 5)


@pytest.mark.parametrize(
    ("path", "then", "now", "change", "standing", "degraded"),
    [
        (TIME, 10.0, 12.0, 20.0, Standing.WORSE, True),
        (TIME, 10.0, 11.9, 19.0, Standing.WORSE, False),
        (TIME, 10.0, 5.0, -50.0, Standing.BETTER, False),
        (TIME, 10.0, 10.0, 0.0, Standing.SAME, False),
        (TIME, 10.0, 10.004, 0.04, Standing.SAME, False),
        (TIME, 10.0, 10.006, 0.06, Standing.WORSE, False),
        (RATE, 100.0, 80.0, -20.0, Standing.WORSE, True),
        (RATE, 90.0, 99.0, 10.0, Standing.BETTER, False),
        ("api.totalCalls", 100.0, 10.0, -90.0, Standing.NEUTRAL, False),
        ("persistence.dataLoss.incidents", 0.0, 3.0, None, Standing.WORSE, True),
        ("persistence.dataLoss.incidents", 3.0, 0.0, -100.0, Standing.BETTER, False),
    ],
)
def test_a_metric_is_better_or_worse_by_its_direction(
    path: str, then: float, now: float, change: float | None, standing: Standing, degraded: bool
) -> None:
    compared = compare_metric(METRICS_BY_PATH[path], of(then), of(now), 10, 20.0)
    assert (compared.change, compared.standing, compared.degraded) == (change, standing, degraded)
    assert (compared.baseline, compared.now, compared.reason) == (then, now, "")


@pytest.mark.parametrize(
    ("then", "now", "reason"),
    [
        (of(10.0, 9), of(99.0), "9 samples in the baseline, of the 10 it needs"),
        (of(10.0), of(99.0, 3), "3 samples now, of the 10 it needs"),
        (of(10.0), of(99.0, 1), "1 sample now, of the 10 it needs"),
        (of(None, 0), of(99.0), "0 samples in the baseline, of the 10 it needs"),
        (of(10.0), of(None, 0), "0 samples now, of the 10 it needs"),
    ],
)
def test_too_few_samples_say_nothing(then: CapturedFigure, now: CapturedFigure, reason: str) -> None:
    compared = compare_metric(METRICS_BY_PATH[TIME], then, now, 10, 20.0)
    assert (compared.standing, compared.degraded, compared.reason) == (Standing.UNKNOWN, False, reason)


def test_none_of_something_counted_is_enough_to_compare() -> None:
    compared = compare_metric(METRICS_BY_PATH["persistence.dataLoss.messages"], of(4.0, 2), of(0.0, 0), 10, 20.0)
    assert (compared.standing, compared.reason) == (Standing.BETTER, "")
