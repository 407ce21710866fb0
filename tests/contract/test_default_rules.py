"""The shipped rules, against the tables of the metric reference, written out here by hand."""

from typing import get_args

import pytest

from chatvitals.alerting.rule import Category, NoData, Rule, Side, Threshold
from chatvitals.alerting.rules.defaults import default_rules
from chatvitals.catalogue.metrics import METRICS_BY_PATH
from chatvitals.catalogue.severities import Severity

RULES = default_rules()

REFERENCE = [
    # metric, side, bound, severity
    ("persistence.operations.successRate", Side.BELOW, 95, Severity.ERROR),
    ("persistence.dataLoss.incidents", Side.ABOVE, 0, Severity.CRITICAL),
    ("persistence.restoration.avgDuration", Side.ABOVE, 200, Severity.WARNING),
    ("persistence.navigation.successRate", Side.BELOW, 95, Severity.ERROR),
    ("performance.renders.p95Time", Side.ABOVE, 16, Severity.WARNING),
    ("performance.scroll.avgFps", Side.BELOW, 55, Severity.WARNING),
    ("performance.scroll.jankPercentage", Side.ABOVE, 10, Severity.WARNING),
    ("performance.tabSync.p95Latency", Side.ABOVE, 50, Severity.WARNING),
    ("performance.tabSync.failureRate", Side.ABOVE, 1, Severity.ERROR),
    ("memory.peak", Side.ABOVE, 50_000_000, Severity.ERROR),
    ("api.p95Duration", Side.ABOVE, 500, Severity.WARNING),
    ("api.errorRate", Side.ABOVE, 1, Severity.ERROR),
]

AS_PEOPLE_MEET_THEM = {
    "data-loss": (
        "persistence",
        "Data Loss Detected",
        "{value} data loss incident(s) detected",
        ("incidents", "errorsByType"),
    ),
    "slow-renders": (
        "performance",
        "Slow Message Renders",
        "P95 render time is {value}, above threshold of {threshold}",
        ("p95Time", "threshold", "slowRenders", "totalRenders"),
    ),
    "high-memory": (
        "memory",
        "High Memory Usage",
        "Peak memory usage is {value}, above threshold of {threshold}",
        ("peakMB", "thresholdMB", "currentMB", "avgMB"),
    ),
}

AT_ONCE = ("data-loss", "wrong-identity")
FIRST_CATEGORIES = {"persistence", "performance", "memory", "api", "errors", "scroll", "tabSync"}


def threshold_of(rule: Rule) -> Threshold:
    assert isinstance(rule.condition, Threshold)
    return rule.condition


@pytest.mark.parametrize(("metric", "side", "bound", "severity"), REFERENCE)
def test_there_is_a_rule_with_the_bound_of_the_reference(
    metric: str, side: Side, bound: float, severity: Severity
) -> None:
    conditions = [threshold_of(rule) for rule in RULES.values() if rule.metric == metric]
    assert any(one.side is side and one.levels.get(severity) == bound for one in conditions)


@pytest.mark.parametrize("name", AS_PEOPLE_MEET_THEM)
def test_what_people_knew_reads_as_before(name: str) -> None:
    category, title, message, details = AS_PEOPLE_MEET_THEM[name]
    rule = RULES[name]
    assert (rule.category, rule.title, rule.message) == (category, title, message)
    assert [detail for detail in rule.details if detail in details] == list(details)


def test_every_category_of_the_first_version_has_a_rule() -> None:
    assert {rule.category for rule in RULES.values()} == FIRST_CATEGORIES
    assert set(get_args(Category)) >= FIRST_CATEGORIES


def test_megabytes_are_millions_of_bytes() -> None:
    for name in ("peakMB", "thresholdMB", "currentMB", "avgMB"):
        assert RULES["high-memory"].details[name].per == 1_000_000


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_a_rule_has_one_alert_a_site_and_waits_for_nothing(rule: Rule) -> None:
    assert rule.enabled
    assert rule.by == ("site",)
    assert rule.for_ms == 0
    assert rule.no_data is NoData.KEEP, "too little data neither fires nor resolves"
    assert rule.every_ms == (1_000 if rule.name in AT_ONCE else 60_000)
    assert rule.by_arrival == (rule.name in AT_ONCE), "a loss that is told of late is still to be told"


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_only_counts_need_no_evidence(rule: Rule) -> None:
    counts = METRICS_BY_PATH[rule.metric].statistic == "count"
    assert (rule.min_samples >= 20) != counts
    assert counts == (rule.name in AT_ONCE)


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_a_rule_ends_only_well_within_its_bound(rule: Rule) -> None:
    condition = threshold_of(rule)
    sign = 1 if condition.side is Side.ABOVE else -1
    least = min(sign * bound for bound in condition.levels.values())
    assert sign * condition.recovery < least or rule.name in AT_ONCE
    assert rule.keep_firing_for_ms >= 120_000
