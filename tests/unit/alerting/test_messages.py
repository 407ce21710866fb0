import pytest
from tests.unit.alerting.situations import ACME, slow_renders

from chatvitals.alerting.evaluate import judge
from chatvitals.alerting.messages import write_message
from chatvitals.alerting.observation import Key, Observation
from chatvitals.alerting.rule import Absence, Condition, Degradation, NoData, Rule, Side, Threshold
from chatvitals.catalogue.metrics import METRICS
from chatvitals.catalogue.severities import Severity

HOUR_MS = 3_600_000


def above(bound: float, recovery: float | None = None) -> Threshold:
    return Threshold(Side.ABOVE, {Severity.WARNING: bound}, bound if recovery is None else recovery)


def said(rule: Rule, value: float | None, reference: float | None = None, key: Key = ACME) -> str:
    return write_message(rule, key, judge(rule, Observation(value, 1_500, 60, None, reference)))


@pytest.mark.parametrize(
    ("metric", "bound", "message", "value", "expected"),
    [
        (
            "performance.renders.p95Time",
            16.0,
            "P95 render time is {value}, above threshold of {threshold}",
            18.523,
            "P95 render time is 18.52ms, above threshold of 16ms",
        ),
        (
            "persistence.dataLoss.incidents",
            0.0,
            "{value} data loss incident(s) detected",
            3.0,
            "3 data loss incident(s) detected",
        ),
        (
            "memory.peak",
            50e6,
            "Peak memory usage is {value}, above threshold of {threshold}",
            62_450_000.0,
            "Peak memory usage is 62.45MB, above threshold of 50MB",
        ),
    ],
)
def test_messages_read_as_people_know_them(
    metric: str, bound: float, message: str, value: float, expected: str
) -> None:
    assert said(slow_renders(metric=metric, condition=above(bound), message=message), value) == expected


def test_every_placeholder_is_put_in() -> None:
    degradation = Degradation({Severity.ERROR: 20.0}, 15.0, baseline="good")
    message = (
        "{customer} of {site}: {value} of {samples} ({sessions}) in {window}; {change} off {reference}, {threshold}"
    )
    rule = slow_renders(condition=degradation, message=message)
    assert said(rule, 25.0, 16.0) == "acme of shop: 25ms of 1,500 (60) in 5m; 56.25% off 16ms, 19.2ms"
    assert said(rule, 25.0, 16.0, ("shop", "")).startswith("(none) of shop")


def test_values_are_never_taken_for_placeholders() -> None:
    rule = slow_renders(message="{customer} is slow")
    assert said(rule, 20.0, key=("shop", "{value}")) == "{value} is slow"


@pytest.mark.parametrize(
    ("condition", "value", "reference", "expected"),
    [
        (above(16.0), 18.5, None, "Render time, p95: 18.5ms, above threshold of 16ms"),
        (above(16.0, 14.0), 15.0, None, "Render time, p95: 15ms (threshold 16ms)"),
        (
            Threshold(Side.BELOW, {Severity.ERROR: 5.0}, 6.0),
            4.0,
            None,
            "Render time, p95: 4ms, below threshold of 5ms",
        ),
        (
            Degradation({Severity.ERROR: 20.0}, 15.0, baseline="good"),
            24.0,
            16.0,
            "Render time, p95: 24ms, 50% worse than 16ms in the baseline good",
        ),
        (
            Degradation({Severity.ERROR: 20.0}, 15.0, earlier_ms=24 * HOUR_MS),
            12.0,
            16.0,
            "Render time, p95: 12ms, 25% better than 16ms 1d earlier",
        ),
        (Absence(Severity.ERROR, HOUR_MS), None, None, "Render time, p95: nothing was measured in the last 5m"),
    ],
    ids=str,
)
def test_a_rule_without_a_message_has_a_sentence(
    condition: Condition, value: float | None, reference: float | None, expected: str
) -> None:
    assert said(slow_renders(condition=condition, message=""), value, reference) == expected


def test_nothing_is_no_number() -> None:
    rule = slow_renders(no_data=NoData.BREACH, min_samples=0)
    assert said(rule, None) == "P95 render time is unknown"
    assert said(slow_renders(message="", no_data=NoData.BREACH), None).endswith("nothing was measured in the last 5m")


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.path)
def test_every_metric_can_be_said(metric: object) -> None:
    path = metric.path  # type: ignore[attr-defined]  # pytest tells no types
    assert ": 1" in said(slow_renders(metric=path, condition=above(0.5), message=""), 1.0)
