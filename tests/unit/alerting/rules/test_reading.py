from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatvitals.alerting.documents import BadDocuments, Document, parse
from chatvitals.alerting.durations import say_duration
from chatvitals.alerting.rule import Absence, Degradation, Detail, NoData, Rule, Side, Threshold
from chatvitals.alerting.rules.building import build_rule, form_of
from chatvitals.alerting.rules.checking import check_rule
from chatvitals.alerting.rules.form import AbsenceForm, DegradationForm, DetailForm, RuleForm, ThresholdForm
from chatvitals.alerting.rules.reading import read_rule, read_rules
from chatvitals.catalogue.metrics import METRICS
from chatvitals.catalogue.severities import Severity
from chatvitals.query.request import FILTERABLE

MINIMAL = {"name": "calls", "category": "api", "metric": "api.errorRate", "threshold": {"above": {"error": 1}}}


def read(**changes: Any) -> Rule:
    """A rule like the least one; what is None is left out."""
    form = {name: value for name, value in {**MINIMAL, **changes}.items() if value is not None}
    return read_rule(Document.of(form), (), {})


def refusal(**changes: Any) -> list[str]:
    with pytest.raises(BadDocuments) as refused:
        read(**changes)
    return [str(mistake) for mistake in refused.value.mistakes]


def test_every_field_is_read() -> None:
    text = """
rules:
  - name: slow-renders
    title: Slow Message Renders
    category: performance
    metric: performance.renders.p95Time
    filters: {release: [2.10, "2.4.1"], customer: [acme]}
    by: [site, browser]
    timeOf: arrival
    window: 5m
    every: 30s
    threshold: {above: {warning: 16, critical: 40}, recovery: 14}
    for: 2m
    keepFiringFor: 5m
    minSamples: 30
    minSessions: 5
    minCustomers: 1
    noData: clear
    labels: {team: web}
    runbook: https://wiki.example.org/slow
    message: "P95 render time is {value} on {site}, above threshold of {threshold}"
    details: {threshold: threshold, peakMB: {metric: memory.peak, per: 1000000}}
    enabled: false
"""
    (filed,) = read_rules([parse(text, "web.yaml")], {})
    assert (filed.file, filed.line) == ("web.yaml", 3)
    assert filed.rule == Rule(
        name="slow-renders",
        title="Slow Message Renders",
        category="performance",
        metric="performance.renders.p95Time",
        condition=Threshold(Side.ABOVE, {Severity.WARNING: 16, Severity.CRITICAL: 40}, 14),
        message="P95 render time is {value} on {site}, above threshold of {threshold}",
        details={"threshold": Detail("threshold"), "peakMB": Detail("memory.peak", 1_000_000)},
        filters={"release": ("2.10", "2.4.1"), "customer": ("acme",)},
        by=("site", "browser"),
        by_arrival=True,
        window_ms=300_000,
        every_ms=30_000,
        for_ms=120_000,
        keep_firing_for_ms=300_000,
        min_samples=30,
        min_sessions=5,
        min_customers=1,
        no_data=NoData.CLEAR,
        labels={"team": "web"},
        runbook="https://wiki.example.org/slow",
        enabled=False,
    )


def test_what_is_left_out_has_its_defaults() -> None:
    rule = read()
    assert rule == Rule(
        name="calls",
        title="API errors",
        category="api",
        metric="api.errorRate",
        condition=Threshold(Side.ABOVE, {Severity.ERROR: 1}, 0.95),
        keep_firing_for_ms=600_000,
    )


@pytest.mark.parametrize(
    ("metric", "written", "recovery"),
    [
        ("api.p95Duration", {"above": {"warning": 500, "error": 900}}, 475),
        ("api.p95Duration", {"above": {"warning": 500}, "recovery": 500}, 500),
        ("performance.scroll.avgFps", {"below": {"warning": 40, "error": 20}}, 42),
        ("persistence.operations.successRate", {"below": {"error": 95}}, 96.25),
        ("persistence.operations.successRate", {"below": {"error": 50}}, 52.5),
        ("persistence.dataLoss.incidents", {"above": {"critical": 0}}, 0),
    ],
)
def test_a_threshold_has_a_recovery_within_its_bound(metric: str, written: Any, recovery: float) -> None:
    condition = read(metric=metric, threshold=written).condition
    assert isinstance(condition, Threshold)
    assert condition.recovery == recovery


def test_a_degradation_and_an_absence_are_read() -> None:
    worse = {"percent": {"warning": 20, "critical": 50}, "baseline": "weekly"}
    levels = {Severity.WARNING: 20.0, Severity.CRITICAL: 50.0}
    assert read(threshold=None, degradation=worse).condition == Degradation(levels, 15, "weekly")
    earlier = {"percent": {"warning": 20}, "earlier": "7d", "recovery": 0}
    assert read(threshold=None, degradation=earlier).condition == Degradation(
        {Severity.WARNING: 20.0}, 0, None, 604_800_000
    )
    assert read(threshold=None, absence={"severity": "error"}).condition == Absence(Severity.ERROR, 86_400_000)


def test_counts_need_no_samples_and_other_figures_at_least_one() -> None:
    for metric in METRICS:
        rule = read(metric=metric.path, threshold={"above": {"error": 5}})
        assert rule.min_samples == (0 if metric.statistic in ("count", "sum") else 1)
    assert read(metric="errors.total", minSamples=7).min_samples == 7


def test_what_lasts_by_default_has_its_limit() -> None:
    assert read(window="30d", every="1h").keep_firing_for_ms == 7 * 86_400_000


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "No Spaces"}, "name: expected lower-case letters, digits and dashes"),
        ({"name": "x" * 65}, "name: expected lower-case"),
        ({"metric": "api.errorrate"}, "metric: there is no metric 'api.errorrate'; did you mean 'api.errorRate'?"),
        ({"category": "apis"}, "category: expected one of"),
        ({"by": ["sites"]}, "by[0]: there is no dimension 'sites'; did you mean 'site'?"),
        ({"by": ["endpoint"]}, "by[0]: there is no dimension 'endpoint'; there are site, customer"),
        ({"by": ["site", "site"]}, "by[1]: site is there already"),
        ({"by": [*FILTERABLE[:5]]}, "by: expected a list, of length at most 4"),
        ({"filters": {"realease": ["1"]}}, "filters.realease: there is no dimension 'realease'; did you mean"),
        ({"filters": {"release": []}}, "filters.release: expected a list, of length at least 1"),
        ({"filters": {"release": "1"}}, "filters.release: expected a list"),
        ({"window": "500ms"}, "window: has to be from 1s to 31d"),
        ({"window": "40d", "every": "1d"}, "window: has to be from 1s to 31d"),
        ({"window": "30s"}, "window: is shorter than every"),
        ({"window": "7d", "every": "30s"}, "every: is too often for so long a window: give 1m1s or more"),
        ({"every": "0"}, "every: has to be from 1s to 1d"),
        ({"for": "8d"}, "for: has to be from 0s to 7d"),
        ({"for": 5}, "for: expected a length of time"),
        ({"keepFiringFor": "8d"}, "keepFiringFor: has to be from 0s to 7d"),
        ({"threshold": None}, "says not when it is bad: give it one of threshold, degradation, absence"),
        ({"absence": {"severity": "error"}}, "absence: threshold is there already"),
        ({"threshold": {}}, "threshold: has bounds on one side: give either above or below"),
        ({"threshold": {"above": {"error": 1}, "below": {"error": 1}}}, "threshold: has bounds on one side"),
        ({"threshold": {"above": {}}}, "threshold.above: expected a mapping, of length at least 1"),
        ({"threshold": {"above": {"eror": 1}}}, "threshold.above.eror: expected one of info, warning"),
        (
            {"threshold": {"above": {"critical": 5, "warning": 5}}},
            "threshold.above.critical: is graver than warning, so its bound has to lie beyond 5",
        ),
        ({"threshold": {"below": {"critical": 5, "warning": 4}}}, "threshold.below.critical: is graver than warning"),
        ({"threshold": {"above": {"error": 1}, "recovery": 2}}, "threshold.recovery: is beyond the least grave bound"),
        ({"threshold": {"below": {"error": 5}, "recovery": 4}}, "threshold.recovery: is beyond the least grave bound"),
        ({"threshold": {"above": {"error": 100}}}, "threshold.above.error: api.errorRate is never above 100 %"),
        ({"threshold": {"below": {"error": 0}}}, "threshold.below.error: api.errorRate is never below 0"),
        ({"threshold": {"above": {"error": 1e300}}}, "threshold.above.error: expected a number"),
        ({"minCustomers": 2, "by": ["customer"]}, "minCustomers: is more than 1, but by has an alert for each"),
        ({"minCustomers": 2, "filters": {"customer": ["acme"]}}, "minCustomers: is more than the filter on customer"),
        ({"minSamples": -1}, "minSamples: expected a whole number, at least 0"),
        ({"noData": "ok"}, "noData: expected one of keep, clear, breach"),
        ({"labels": {"severity": "x"}}, "labels.severity: is a label that alerts have already"),
        ({"labels": {"site": "x"}}, "labels.site: is a label that alerts have already"),
        ({"labels": {"my team": "x"}}, "labels.my team: expected a name of letters"),
        ({"runbook": "wiki.example.org"}, "runbook: is no address"),
        ({"runbook": "javascript:alert(1)"}, "runbook: is no address"),
        ({"runbook": "https://"}, "runbook: is no address"),
        ({"runbook": "http://[::1"}, "runbook: is no address"),
        ({"message": "{vaule}"}, "message: there is no placeholder 'vaule'; did you mean 'value'?"),
        ({"message": "{customer}"}, "message: there is no placeholder 'customer'"),
        ({"message": "{value.__class__}"}, "message: there is no placeholder 'value.__class__'"),
        ({"message": "{value"}, "message: has a brace that begins or ends nothing"),
        ({"message": "{{value}}"}, "message: has a brace that begins or ends nothing"),
        ({"details": {"x": "api.totalCall"}}, "details.x: there is no figure 'api.totalCall'; did you mean"),
        ({"details": {"x": {"metric": "y"}}}, "details.x.metric: there is no figure 'y'"),
        ({"details": {"x": {"metric": "threshold", "per": 0}}}, "details.x.per: expected a number, above 0"),
        ({"details": {"x": "errorsByType"}}, "details.x: api.errorRate is not about operations or losses"),
        ({"enabled": "yes"}, "enabled: expected true or false"),
        ({"descripton": "x"}, "descripton: there is no such field"),
    ],
)
def test_a_mistake_is_told(changes: dict[str, Any], said: str) -> None:
    (mistake,) = refusal(**changes)
    assert mistake.startswith(said)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"percent": {"warning": 20}}, "degradation: is compared with one thing"),
        ({"percent": {"warning": 20}, "baseline": "a", "earlier": "7d"}, "degradation: is compared with one thing"),
        ({"percent": {"warning": 0}, "baseline": "a"}, "degradation.percent.warning: has to be above 0"),
        ({"percent": {"error": 5, "warning": 6}, "baseline": "a"}, "degradation.percent.error: is graver"),
        ({"percent": {"error": 5}, "baseline": "a", "recovery": 6}, "degradation.recovery: has to be from 0"),
        ({"percent": {"error": 5}, "baseline": "a", "recovery": -1}, "degradation.recovery: has to be from 0"),
        ({"percent": {"error": 5}, "earlier": "4m"}, "degradation.earlier: has to be at least the window"),
        ({"percent": {"error": 5}, "earlier": "91d"}, "degradation.earlier: has to be at least the window"),
        ({"baseline": "a"}, "degradation: the field 'percent' is missing"),
    ],
)
def test_a_mistake_of_a_degradation_is_told(changes: dict[str, Any], said: str) -> None:
    (mistake,) = refusal(threshold=None, degradation=changes)
    assert mistake.startswith(said)


def test_what_is_neither_better_nor_worse_cannot_get_worse() -> None:
    worse = {"percent": {"warning": 20}, "baseline": "a"}
    (mistake,) = refusal(metric="api.totalCalls", threshold=None, degradation=worse)
    assert mistake.startswith("degradation: api.totalCalls is neither better nor worse for being higher")


def test_an_absence_looks_for_no_data() -> None:
    absent = {"severity": "error", "known": "5m"}
    needs = {"minSamples": 1, "minSessions": 1, "minCustomers": 1, "noData": "keep"}
    assert [mistake.split(":")[0] for mistake in refusal(threshold=None, absence=absent, **needs)] == [
        "absence.known",
        "minCustomers",
        "minSamples",
        "minSessions",
        "noData",
    ]


def test_error_types_are_of_operations_and_losses() -> None:
    for metric in ("persistence.operations.successRate", "persistence.dataLoss.incidents"):
        details = {"errors": "errorsByType"}
        assert read(metric=metric, threshold={"above": {"error": 1}}, details=details).details
        wrong = {"errors": {"metric": "errorsByType", "per": 5}}
        (mistake,) = refusal(metric=metric, threshold={"above": {"error": 1}}, details=wrong)
        assert mistake.startswith("details.errors.metric: is no single number")


def test_all_mistakes_of_all_files_are_told_at_once() -> None:
    first = parse("rules:\n  - {name: a, metric: x}\n  - {name: b}\n", "1.yaml")
    second = parse("rules: {}\n", "2.yaml")
    third = parse("rules:\n  - 5\n", "3.yaml")
    with pytest.raises(BadDocuments) as refused:
        read_rules([first, second, third], {})
    assert [str(mistake) for mistake in refused.value.mistakes] == [
        "1.yaml:2:5: rules[0]: the field 'category' is missing",
        "1.yaml:2:23: rules[0].metric: there is no metric 'x'",
        "1.yaml:3:5: rules[1]: the field 'category' is missing",
        "1.yaml:3:5: rules[1]: the field 'metric' is missing",
        "2.yaml:1:8: rules: expected a list",
        "3.yaml:2:5: rules[0]: expected a mapping, but it is 5",
    ]


def test_a_name_is_there_once_in_all_files() -> None:
    text = "rules:\n  - {name: a, category: api, metric: api.errorRate, threshold: {above: {error: 1}}}\n"
    with pytest.raises(BadDocuments) as refused:
        read_rules([parse(text, "1.yaml"), parse("# another\n" + text, "2.yaml")], {})
    assert str(refused.value) == "2.yaml:3:12: rules[0].name: there is a rule 'a' already, in 1.yaml:2"


def test_a_name_that_comes_again_is_told_beside_what_else_is_wrong() -> None:
    with pytest.raises(BadDocuments) as refused:
        read_rules(
            [parse("rules:\n  - {name: a, metric: api.errorRate}\n  - {name: a, enabled: false}\n", "1.yaml")], {}
        )
    assert [str(mistake) for mistake in refused.value.mistakes] == [
        "1.yaml:2:5: rules[0]: the field 'category' is missing",
        "1.yaml:3:12: rules[1].name: there is a rule 'a' already, in 1.yaml:2",
        "1.yaml:3:12: rules[1].name: there is no built-in rule 'a' to be switched",
    ]


def test_a_built_in_rule_is_switched_by_its_name_alone() -> None:
    built_in = {"calls": read()}
    off = Document.of({"name": "calls", "enabled": False})
    assert read_rule(off, (), built_in) == read(enabled=False)
    with pytest.raises(BadDocuments, match="there is no built-in rule 'cals' to be switched; did you mean 'calls'"):
        read_rule(Document.of({"name": "cals", "enabled": False}), (), built_in)


NAMES = st.from_regex(r"[a-z][a-z0-9-]{0,20}", fullmatch=True)
LABELS = st.from_regex(r"x_[A-Za-z0-9_]{0,10}", fullmatch=True)
TEXTS = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E, exclude_characters="{}"), max_size=20)
PATHS = st.sampled_from([metric.path for metric in METRICS])
DIRECTED = st.sampled_from([metric.path for metric in METRICS if metric.higher_is_better is not None])
SEVERITIES = st.lists(st.sampled_from(list(Severity)), min_size=1, unique=True)


def lengths(least_ms: int, most_ms: int) -> st.SearchStrategy[str]:
    return st.integers(least_ms, most_ms).map(say_duration)


@st.composite
def bounds(draw: st.DrawFn, sign: int = 1) -> dict[Severity, float]:
    """Further out the graver, between 1 and 99."""
    severities = sorted(draw(SEVERITIES), key=lambda severity: sign * severity.rank)
    values = draw(st.lists(st.floats(1, 99), min_size=4, max_size=4, unique=True))
    return dict(zip(severities, sorted(values), strict=False))


@st.composite
def forms(draw: st.DrawFn) -> RuleForm:
    """A form without flaws, of any kind."""
    kind = draw(st.sampled_from(["above", "below", "degradation", "absence"]))
    needs: Mapping[str, Any] = {}
    if kind != "absence":
        needs = {
            "min_samples": draw(st.none() | st.integers(0, 99)),
            "min_sessions": draw(st.none() | st.integers(0, 99)),
            "min_customers": draw(st.none() | st.integers(0, 1)),
            "no_data": draw(st.none() | st.sampled_from(NoData)),
        }
    conditions: Mapping[str, Mapping[str, Any]] = {
        "above": {"threshold": ThresholdForm(above=draw(bounds()))},
        "below": {"threshold": ThresholdForm(below=draw(bounds(-1)))},
        "degradation": {"degradation": DegradationForm(percent=draw(bounds()), earlier=draw(lengths(10**7, 10**9)))},
        "absence": {"absence": AbsenceForm(severity=draw(st.sampled_from(Severity)), known="30d")},
    }
    return RuleForm(
        name=draw(NAMES),
        title=draw(TEXTS),
        category="api",
        metric=draw(DIRECTED if kind == "degradation" else PATHS),
        filters=draw(st.dictionaries(st.sampled_from(FILTERABLE), st.lists(TEXTS, min_size=1).map(tuple), max_size=2)),
        by=tuple(draw(st.lists(st.sampled_from(FILTERABLE), unique=True, max_size=4))),
        time_of=draw(st.sampled_from(("event", "arrival"))),
        window=draw(lengths(60_000, 6_000_000)),
        every=draw(lengths(1_000, 60_000)),
        for_=draw(lengths(0, 10**8)),
        keep_firing_for=draw(st.none() | lengths(0, 10**8)),
        labels=draw(st.dictionaries(LABELS, TEXTS, max_size=3)),
        message=draw(TEXTS),
        details=draw(
            st.dictionaries(LABELS, PATHS | st.builds(DetailForm, metric=PATHS, per=st.floats(0.5, 1e9)), max_size=3)
        ),
        enabled=draw(st.booleans()),
        **conditions[kind],
        **needs,
    )


@given(form=forms())
def test_a_rule_written_out_whole_is_the_same_rule(form: RuleForm) -> None:
    assert list(check_rule(form)) == []
    rule = build_rule(form)
    whole = form_of(rule)
    assert list(check_rule(whole)) == []
    assert build_rule(whole) == rule
    assert rule.title
    if isinstance(rule.condition, Threshold):
        least = min if rule.condition.side is Side.ABOVE else max
        bound = least(rule.condition.levels.values())
        assert (rule.condition.recovery <= bound) == (rule.condition.side is Side.ABOVE)
