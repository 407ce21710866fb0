import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatvitals.alerting.evaluate import Finding, Verdict, judge
from chatvitals.alerting.observation import NOTHING, Observation
from chatvitals.alerting.rule import Absence, Condition, Degradation, NoData, Rule, Side, Threshold
from chatvitals.catalogue.severities import Severity

WARNING, ERROR, CRITICAL = Severity.WARNING, Severity.ERROR, Severity.CRITICAL
RENDER = "performance.renders.p95Time"
SUCCESS = "persistence.operations.successRate"
SLOW = Threshold(Side.ABOVE, {WARNING: 16.0, CRITICAL: 25.0}, recovery=15.2)
FAILING = Threshold(Side.BELOW, {WARNING: 98.0, ERROR: 95.0}, recovery=99.0)
WORSE = Degradation({WARNING: 20.0, CRITICAL: 50.0}, recovery=15.0, earlier_ms=86_400_000)
GONE = Absence(ERROR, known_ms=86_400_000)


def rule(condition: Condition, metric: str = RENDER, **changes: Any) -> Rule:
    return Rule(name="r", title="R", category="performance", metric=metric, condition=condition, **changes)


def seen(value: float | None, n: int = 100, sessions: int = 10, **more: Any) -> Observation:
    return Observation(value, n, sessions, **more)


def findings(verdict: Verdict) -> tuple[Finding, Severity | None, Severity | None]:
    return verdict.finding, verdict.severity, verdict.holds


@pytest.mark.parametrize(
    ("value", "finding", "severity", "holds"),
    [
        (25.1, Finding.BREACH, CRITICAL, CRITICAL),
        (25.0, Finding.BREACH, WARNING, CRITICAL),
        (24.3, Finding.BREACH, WARNING, CRITICAL),
        (24.2, Finding.BREACH, WARNING, WARNING),
        (16.1, Finding.BREACH, WARNING, WARNING),
        (16.0, Finding.BETWEEN, None, WARNING),
        (15.3, Finding.BETWEEN, None, WARNING),
        (15.2, Finding.CLEAR, None, None),
        (0.0, Finding.CLEAR, None, None),
    ],
)
def test_above_a_bound(value: float, finding: Finding, severity: Severity | None, holds: Severity | None) -> None:
    assert findings(judge(rule(SLOW), seen(value))) == (finding, severity, holds)


@pytest.mark.parametrize(
    ("value", "finding", "severity", "holds"),
    [
        (94.9, Finding.BREACH, ERROR, ERROR),
        (95.0, Finding.BREACH, WARNING, ERROR),
        (95.9, Finding.BREACH, WARNING, ERROR),
        (96.0, Finding.BREACH, WARNING, WARNING),
        (98.0, Finding.BETWEEN, None, WARNING),
        (99.0, Finding.CLEAR, None, None),
    ],
)
def test_below_a_bound(value: float, finding: Finding, severity: Severity | None, holds: Severity | None) -> None:
    assert findings(judge(rule(FAILING, SUCCESS), seen(value))) == (finding, severity, holds)


def test_the_threshold_is_the_bound_that_was_crossed_or_the_least_grave() -> None:
    assert [judge(rule(SLOW), seen(value)).threshold for value in (30, 20, 16, 10, None)] == [25, 16, 16, 16, 16]


def test_without_a_margin_what_is_no_breach_is_clear() -> None:
    lost = rule(Threshold(Side.ABOVE, {CRITICAL: 0.0}, recovery=0.0), "persistence.dataLoss.incidents", min_samples=0)
    assert findings(judge(lost, seen(0.0, n=0))) == (Finding.CLEAR, None, None)
    assert findings(judge(lost, seen(1.0, n=1))) == (Finding.BREACH, CRITICAL, CRITICAL)


def test_a_count_of_nothing_is_zero_and_a_percentile_of_nothing_is_unknown() -> None:
    lost = rule(Threshold(Side.ABOVE, {CRITICAL: 0.0}, recovery=0.0), "persistence.dataLoss.incidents", min_samples=0)
    assert judge(lost, NOTHING).finding is Finding.CLEAR
    slow = judge(rule(SLOW, min_samples=0), NOTHING)
    assert (slow.finding, slow.reason) == (Finding.UNKNOWN, "nothing was measured")


@pytest.mark.parametrize(
    ("value", "reference", "finding", "severity", "change", "threshold"),
    [
        (12.0, 10.0, Finding.BETWEEN, None, 20.0, 12.0),
        (12.5, 10.0, Finding.BREACH, WARNING, 25.0, 12.0),
        (15.5, 10.0, Finding.BREACH, CRITICAL, 55.0, 15.0),
        (11.5, 10.0, Finding.CLEAR, None, 15.0, 12.0),
        (8.0, 10.0, Finding.CLEAR, None, -20.0, 12.0),
    ],
)
def test_worse_is_more_where_lower_is_better(
    value: float, reference: float, finding: Finding, severity: Severity | None, change: float, threshold: float
) -> None:
    verdict = judge(rule(WORSE), seen(value, reference=reference))
    assert (verdict.finding, verdict.severity, verdict.reference) == (finding, severity, reference)
    assert verdict.change == pytest.approx(change)
    assert verdict.threshold == pytest.approx(threshold)


def test_worse_is_less_where_higher_is_better() -> None:
    fallen = judge(rule(WORSE, SUCCESS), seen(75.0, reference=100.0))
    assert (fallen.finding, fallen.severity, fallen.change, fallen.threshold) == (Finding.BREACH, WARNING, 25.0, 80.0)
    assert judge(rule(WORSE, SUCCESS), seen(125.0, reference=100.0)).finding is Finding.CLEAR


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        (None, "the same window earlier has too little to compare with"),
        (0.0, "the same window earlier is 0, which has no percentages"),
        (-1.0, "the same window earlier is -1, which has no percentages"),
        (5e-324, "the same window earlier is 4.94066e-324, which has no percentages"),
    ],
)
@pytest.mark.parametrize("no_data", NoData)
def test_without_a_reference_nothing_is_known(reference: float | None, reason: str, no_data: NoData) -> None:
    verdict = judge(rule(WORSE, no_data=no_data), seen(12.0, reference=reference))
    assert (verdict.finding, verdict.reason, verdict.change) == (Finding.UNKNOWN, reason, None)


def test_a_baseline_that_is_missing_is_named() -> None:
    compared = Degradation({WARNING: 20.0}, recovery=15.0, baseline="before-2.4")
    verdict = judge(rule(compared), seen(12.0))
    assert verdict.reason == "the baseline before-2.4 has too little to compare with"


@pytest.mark.parametrize(
    ("needs", "reason"),
    [
        ({"min_samples": 30}, "12 samples of the 30 it needs"),
        ({"min_sessions": 5}, "1 session of the 5 it needs"),
        ({"min_customers": 3}, "2 customers of the 3 it needs"),
        ({"min_samples": 13, "min_sessions": 2}, "12 samples of the 13 it needs, 1 session of the 2 it needs"),
    ],
)
@pytest.mark.parametrize("condition", [SLOW, WORSE])
def test_too_little_data_says_what_is_missing(condition: Condition, needs: dict[str, Any], reason: str) -> None:
    few = seen(99.0, n=12, sessions=1, customers=2, reference=1.0)
    verdict = judge(rule(condition, **needs), few)
    assert (verdict.finding, verdict.severity, verdict.reason) == (Finding.UNKNOWN, None, reason)
    enough = seen(99.0, n=30, sessions=5, customers=3, reference=1.0)
    assert judge(rule(condition, **needs), enough).finding is Finding.BREACH


@pytest.mark.parametrize(
    ("no_data", "expected"),
    [
        (NoData.KEEP, (Finding.UNKNOWN, None, None)),
        (NoData.CLEAR, (Finding.CLEAR, None, None)),
        (NoData.BREACH, (Finding.BREACH, WARNING, WARNING)),
    ],
)
def test_what_too_little_data_means_is_the_rules_to_say(
    no_data: NoData, expected: tuple[Finding, Severity | None, Severity | None]
) -> None:
    verdict = judge(rule(SLOW, no_data=no_data, min_samples=30), seen(99.0, n=12))
    assert findings(verdict) == expected
    assert verdict.reason == "12 samples of the 30 it needs"


def test_absence_is_no_sample_at_all() -> None:
    assert findings(judge(rule(GONE, min_samples=30), NOTHING)) == (Finding.BREACH, ERROR, ERROR)
    assert findings(judge(rule(GONE, min_samples=30), seen(1.0, n=1))) == (Finding.CLEAR, None, None)


@pytest.mark.parametrize(("severity", "finding"), [(WARNING, Finding.BREACH), (CRITICAL, Finding.BETWEEN)])
def test_each_severity_stands_by_itself(severity: Severity, finding: Finding) -> None:
    assert judge(rule(SLOW), seen(24.5)).of_level(severity) is finding


numbers = st.floats() | st.none()
conditions = st.sampled_from([SLOW, FAILING, WORSE, GONE])


@given(conditions, numbers, numbers, st.integers(0, 50), st.sampled_from(NoData))
def test_no_verdict_has_a_figure_that_is_no_number(
    condition: Condition, value: float | None, reference: float | None, n: int, no_data: NoData
) -> None:
    verdict = judge(rule(condition, min_samples=10, no_data=no_data), seen(value, n=n, reference=reference))
    for figure in (verdict.value, verdict.threshold, verdict.reference, verdict.change):
        assert figure is None or math.isfinite(figure)
    assert (verdict.severity is not None) == (verdict.finding is Finding.BREACH)
    assert (verdict.finding is Finding.UNKNOWN) <= bool(verdict.reason)


@given(st.sampled_from([SLOW, FAILING]), st.floats(-200, 200), st.floats(-200, 200))
def test_a_worse_value_is_never_judged_better(condition: Threshold, one: float, other: float) -> None:
    better, worse = sorted((one, other), reverse=condition.side is Side.BELOW)
    ranks = [
        tuple(-1 if severity is None else severity.rank for severity in (verdict.severity, verdict.holds))
        for verdict in (judge(rule(condition), seen(value)) for value in (better, worse))
    ]
    assert all(low <= high for low, high in zip(*ranks, strict=True))
