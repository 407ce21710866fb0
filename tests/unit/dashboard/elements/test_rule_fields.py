from typing import Any

import pytest
from tests.support.rule_forms import filled_in
from tests.unit.alerting.situations import slow_renders

from chatvitals.alerting.documents import Mistake
from chatvitals.alerting.rule import Absence, Degradation, Detail, NoData, Rule
from chatvitals.alerting.rules.defaults import default_rules
from chatvitals.catalogue.severities import Severity
from chatvitals.dashboard.elements.rule_fields import (
    FIELDS,
    by_field,
    document_from,
    empty_fields,
    field_for,
    fields_of,
    given,
    read_fields,
)

RULES = [
    *default_rules().values(),
    slow_renders(
        name="all-of-it",
        filters={"customer": ("acme", "a=b, c"), "release": ("2.10",)},
        details={"mb": Detail("memory.peak", 1e6), "p95": Detail("performance.renders.p95Time")},
        min_sessions=3,
        min_samples=7,
        no_data=NoData.BREACH,
        by_arrival=True,
        enabled=False,
    ),
    slow_renders(name="worse", condition=Degradation({Severity.ERROR: 20.0, Severity.CRITICAL: 50.5}, 15.0, "main")),
    slow_renders(name="worse-than-before", condition=Degradation({Severity.ERROR: 20.0}, 3.0, earlier_ms=86_400_000)),
    slow_renders(name="gone", condition=Absence(Severity.WARNING, 3_600_000)),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_form_of_a_rule_says_the_same_rule(rule: Rule) -> None:
    fields = fields_of(rule)
    assert set(fields) == set(FIELDS)
    again, _, mistakes = read_fields(fields, {})
    assert mistakes == []
    assert again == rule


def test_fields_go_through_an_address_unharmed() -> None:
    parameters = {name: value for name, value in filled_in(RULES[0]).items() if value}  # empty ones don't get through
    assert given({**parameters, "over": "7d"}) == fields_of(RULES[0])
    assert given({"over": "7d"}) == {}


def test_what_a_browser_leaves_out_is_off() -> None:
    fields = {name: value for name, value in filled_in(RULES[0]).items() if name != "rule.enabled"}
    rule, _, _ = read_fields(given(fields), {})
    assert rule is not None
    assert not rule.enabled


def mistakes_of(**changes: str) -> dict[str, str]:
    fields = fields_of(slow_renders()) | {name.replace("__", "."): value for name, value in changes.items()}
    rule, _, mistakes = read_fields(fields, {})
    assert rule is None
    return by_field(mistakes)


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"window": "soon"}, "window", "a length of time such as 30s"),
        ({"every": "0s"}, "every", "has to be"),
        ({"level__warning": "many"}, "level.warning", "expected a number"),
        ({"level__critical": "16"}, "level.critical", "its bound has to lie beyond 16"),
        ({"level__warning": "", "level__critical": ""}, "level.error", "expected"),
        ({"recovery": "99"}, "recovery", "is beyond the least grave bound"),
        ({"metric": "performance.renders.p95"}, "metric", "did you mean"),
        ({"by": "site, custmer"}, "by", "did you mean 'customer'"),
        ({"filters": "customer"}, "filters", "write each line as name=value"),
        ({"labels": "severity=high"}, "labels", "is a label that alerts have already"),
        ({"details": "mb=memory.peak / 0"}, "details", "expected a number"),
        ({"minSamples": "-1"}, "minSamples", "expected a whole number"),
        ({"condition": "degradation"}, "condition", "is compared with one thing"),
        (
            {"condition": "absence", "known": "1s", "minSamples": "hidden now"},
            "known",
            "has to be longer than the window",
        ),
        ({"condition": ""}, "", "says not when it is bad"),
        ({"runbook": "wiki"}, "runbook", "is no address"),
        ({"message": "{valu}"}, "message", "did you mean 'value'"),
        ({"name": "No Spaces"}, "name", "lower-case letters"),
    ],
)
def test_each_mistake_is_at_its_field(changes: dict[str, str], field: str, said: str) -> None:
    found = mistakes_of(**changes)
    assert list(found) == [field]
    assert said in found[field]


def test_mistakes_of_one_field_are_said_together() -> None:
    two = [Mistake("", 0, 0, "by[0]: no", "by[0]"), Mistake("", 0, 0, "by[1]: neither", "by[1]")]
    assert by_field(two) == {"by": "no; neither"}


def test_parts_that_no_field_says_are_about_all() -> None:
    assert field_for("") == ""
    assert field_for("surprise") == ""


def test_an_empty_form_wants_a_name_a_metric_and_bounds() -> None:
    rule, _, mistakes = read_fields(empty_fields(), {})
    assert rule is None
    assert {"name", "metric"} <= set(by_field(mistakes))


def test_a_document_has_only_what_was_said() -> None:
    fields: dict[str, Any] = {"name": "r", "condition": "above", "level.error": "1e3", "by": "", "enabled": "on"}
    assert document_from(fields) == (
        {"name": "r", "by": [], "enabled": True, "threshold": {"above": {"error": 1000.0}}},
        [],
    )
