from typing import Any

import pytest
from tests.unit.alerting.situations import NOON, slow_renders

from chatvitals.alerting.kept import (
    KeptAlert,
    RuleTick,
    UnknownAlert,
    decode_key,
    encode_key,
    kept_alert,
    rule_tick,
    state_row,
    tick_row,
    what_is_measured,
)
from chatvitals.alerting.rule import Absence, Degradation, Side, Threshold
from chatvitals.alerting.state import AlertState, Level, Status
from chatvitals.catalogue.severities import Severity

LEVELS = {Severity.WARNING: 20.0}


@pytest.mark.parametrize(
    "edit",
    [
        {"title": "Other", "message": "other", "labels": {}, "runbook": "", "details": {}},
        {"window_ms": 1_000, "every_ms": 1_000, "for_ms": 1, "keep_firing_for_ms": 1, "min_samples": 9},
        {"condition": Threshold(Side.ABOVE, {Severity.ERROR: 99.0}, 90.0)},
    ],
)
def test_texts_times_and_bounds_dont_change_what_is_measured(edit: dict[str, Any]) -> None:
    assert what_is_measured(slow_renders(**edit)) == what_is_measured(slow_renders())


def test_everything_else_does() -> None:
    rules = [
        slow_renders(),
        slow_renders(metric="performance.renders.avgTime"),
        slow_renders(by=("site",)),
        slow_renders(filters={"site": ("shop",)}),
        slow_renders(condition=Threshold(Side.BELOW, LEVELS, 20.0)),
        slow_renders(condition=Degradation(LEVELS, 10.0, baseline="before")),
        slow_renders(condition=Degradation(LEVELS, 10.0, baseline="after")),
        slow_renders(condition=Degradation(LEVELS, 10.0, earlier_ms=1)),
        slow_renders(condition=Absence(Severity.ERROR, 1)),
    ]
    assert len({what_is_measured(rule) for rule in rules}) == len(rules)


def test_the_order_of_filters_doesnt() -> None:
    one = slow_renders(filters={"site": ("a", "b"), "browser": ("c",)})
    other = slow_renders(filters={"browser": ("c",), "site": ("b", "a")})
    assert what_is_measured(one) == what_is_measured(other)


@pytest.mark.parametrize("key", [(), ("shop",), ("shop", 'o"neill, söns'), ("", "")])
def test_keys_come_back(key: tuple[str, ...]) -> None:
    assert decode_key(encode_key(key)) == key


def test_documents_come_back() -> None:
    state = AlertState(
        status=Status.FIRING, severity=Severity.ERROR, levels={Severity.ERROR: Level(True)}, since_ms=NOON, tick_ms=NOON
    )
    alert = KeptAlert("m", ("site",), state, "too little")
    assert kept_alert(state_row("rule", ("shop",), alert)) == alert
    tick = RuleTick(rule="rule", at_ms=NOON, unknown=1, examples=(UnknownAlert({"site": "shop"}, "too little"),))
    assert rule_tick(tick_row(tick)) == tick
