from typing import Any

import pytest
from tests.unit.alerting.backtest.rules import MINUTE, SLOW, START_MS

from chatvitals.alerting.backtest.accuracy import Labelled
from chatvitals.alerting.backtest.backtest import Backtest
from chatvitals.alerting.backtest.form import read_backtest
from chatvitals.alerting.documents import BadDocuments
from chatvitals.errors import BadRequest, ChatvitalsError
from chatvitals.query.request import Window

RULE = {
    "name": "slow",
    "category": "performance",
    "metric": "performance.renders.p95Time",
    "threshold": {"above": {"warning": 16, "critical": 25}},
}
YAML = """
name: slow
category: performance
metric: performance.renders.p95Time
threshold: {above: {warning: 16, critical: 25}}
"""
FILE = "rules:\n  - " + YAML.strip().replace("\n", "\n    ")


def read(**body: Any) -> Backtest:
    return read_backtest({"rule": RULE, "from": START_MS, **body}, {"slow": SLOW}, START_MS + 60 * MINUTE)


def refused(**body: Any) -> str:
    with pytest.raises(ChatvitalsError) as error:
        read(**body)
    assert isinstance(error.value, BadDocuments | BadRequest)
    return str(error.value)


def test_a_rule_and_a_time_are_enough() -> None:
    backtest = read()
    (rule,) = backtest.rules
    assert (rule.name, rule.condition) == ("slow", SLOW.condition)
    assert backtest.window == Window(START_MS, START_MS + 60 * MINUTE)
    assert (backtest.every_ms, backtest.labelled, backtest.tolerance_ms) == (0, None, None)


@pytest.mark.parametrize("text", [YAML, FILE])
def test_a_rule_may_be_yaml(text: str) -> None:
    assert read(rule=text).rules == read().rules


def test_a_built_in_rule_is_named() -> None:
    assert read(rule={"name": "slow", "enabled": True}).rules == [SLOW]


def test_another_rule_beside_it_incidents_and_how_they_are_met() -> None:
    backtest = read(
        against={**RULE, "name": "other"},
        to="2026-01-01T12:30:00Z",
        every="5m",
        tolerance="10m",
        incidents=[
            {"start": START_MS, "end": "2026-01-01T12:10:00Z", "labels": {"site": "demo"}},
            {"start": 1, "end": 2},
        ],
    )
    assert [rule.name for rule in backtest.rules] == ["slow", "other"]
    assert (backtest.window.end_ms, backtest.every_ms, backtest.tolerance_ms) == (
        START_MS + 30 * MINUTE,
        5 * MINUTE,
        10 * MINUTE,
    )
    assert backtest.labelled == [Labelled(START_MS, START_MS + 10 * MINUTE, {"site": "demo"}), Labelled(1, 2)]


def test_the_future_is_not_history() -> None:
    assert read(to="2027-01-01T00:00:00Z").window.end_ms == START_MS + 60 * MINUTE


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"rule": {**RULE, "treshold": 1}}, "rule.treshold: there is no such field; did you mean 'threshold'?"),
        ({"rule": {**RULE, "metric": "x"}}, "rule.metric: there is no metric 'x'"),
        ({"against": {"name": "other", "enabled": True}}, "against.name: there is no built-in rule 'other'"),
        ({"rule": YAML.replace("16", "x")}, "rule:5:30: threshold.above.warning: expected a number"),
        ({"rule": FILE + "\n" + FILE.partition("\n")[2]}, "rule:2:3: rules: there are 2 rules"),
        ({"rule": 5}, "rule: expected"),
        ({"from": "soon"}, "from is 'soon'"),
        ({"from": START_MS + 61 * MINUTE}, "from must be before to"),
        ({"evry": "1m"}, "evry: there is no such field; did you mean 'every'?"),
        ({"every": "often"}, "every: expected a length of time"),
        ({"incidents": [{"start": 2, "end": 1}]}, "an incident ends before it starts: 2, 1"),
        ({"incidents": [{"start": 1, "end": 2, "labels": {"shop": "x"}}]}, "incidents have no label 'shop'"),
        ({"incidents": [{"start": 1}]}, "incidents[0]: the field 'end' is missing"),
        ({"incidents": [{"start": 1, "end": 2}] * 1_001}, "incidents: expected a list"),
    ],
)
def test_mistakes_are_said_with_their_place(body: dict[str, Any], said: str) -> None:
    assert said in refused(**body)
