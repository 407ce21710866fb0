"""Where rules and their alerts stand: what each evaluation found last, what is pending or fires, what can't be told."""

from collections.abc import Mapping

from msgspec import Struct

from chatvitals.alerting.kept import RuleTick, decode_key, kept_alert, rule_tick
from chatvitals.alerting.state import Status
from chatvitals.catalogue.severities import Severity
from chatvitals.store.control.alert_states import AlertStates

_MOST_ALERTS = 1_000


class ActiveAlert(Struct, rename="camel", frozen=True, kw_only=True):
    """An alert that is pending or fires. `reason` says what is missing where it is unknown whether it still is bad."""

    key: Mapping[str, str]
    status: Status
    severity: Severity | None
    since_ms: int
    unknown: bool
    reason: str


class RuleState(Struct, rename="camel", frozen=True):
    """Where a rule's alerts stand: its last evaluation, and those that are pending or fire."""

    evaluation: RuleTick
    active: list[ActiveAlert]


class AlertStatesAnswer(Struct, rename="camel", frozen=True):
    """Every rule that was evaluated. `complete` is false where there are more active alerts than are told."""

    rules: list[RuleState]
    complete: bool


def read_rule_states(states: AlertStates, rule: str | None = None) -> AlertStatesAnswer:
    """Of every rule, or of one."""
    rows = states.states(rule, _MOST_ALERTS + 1)
    ticks = {row.rule: rule_tick(row) for row in states.ticks(rule)}
    active: dict[str, list[ActiveAlert]] = {name: [] for name in ticks}
    for row in rows[:_MOST_ALERTS]:
        kept = kept_alert(row)
        active.setdefault(row.rule, []).append(
            ActiveAlert(
                key=dict(zip(kept.by, decode_key(row.key), strict=True)),
                status=kept.state.status,
                severity=kept.state.severity,
                since_ms=kept.state.since_ms,
                unknown=kept.state.unknown,
                reason=kept.reason,
            )
        )
    rules = [RuleState(ticks.get(name, RuleTick(rule=name, at_ms=None)), alerts) for name, alerts in active.items()]
    return AlertStatesAnswer(rules, len(rows) <= _MOST_ALERTS)
