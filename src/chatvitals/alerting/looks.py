"""What a tick made of all alerts of one rule, in the forms that it is kept and told in. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from msgspec.structs import replace

from chatvitals.alerting.evaluate import threshold_of
from chatvitals.alerting.incidents import Alert
from chatvitals.alerting.kept import (
    KeptAlert,
    RuleTick,
    UnknownAlert,
    encode_key,
    state_row,
    what_is_measured,
)
from chatvitals.alerting.observation import Key, Observation
from chatvitals.alerting.rule import Rule
from chatvitals.alerting.state import AlertState, Status, Transition
from chatvitals.alerting.ticks import Ticked, tick
from chatvitals.store.control.alert_states import StateRow

_EXAMPLES = 10


@dataclass(frozen=True, slots=True)
class RuleAlerts:
    """A rule's alerts that are pending or fire, and what the rule measured."""

    measured: str
    states: Mapping[Key, AlertState]


@dataclass(frozen=True, slots=True)
class Look:
    """One rule after a tick. `told` are its alerts that fire, or did until now; `changed` says that the rule measures
    something else than before, so that its alerts began anew."""

    rule: Rule
    changed: bool
    alerts: RuleAlerts
    rows: list[StateRow]
    inactive: list[tuple[str, str]]
    told: list[tuple[Alert, Transition | None]]
    summary: RuleTick


def look(rule: Rule, before: RuleAlerts | None, seen: Mapping[Key, Observation], now_ms: int) -> Look:
    """Judge what was seen of a rule and step its alerts."""
    measured = what_is_measured(rule)
    was = {} if before is None else before.states
    changed = before is not None and before.measured != measured
    ticked = tick(rule, {} if changed else was, seen, now_ms)
    active = {key: one for key, one in ticked.items() if one.after.status is not Status.INACTIVE}
    return Look(
        rule,
        changed,
        RuleAlerts(measured, {key: one.after for key, one in active.items()}),
        [_row(rule, measured, one) for one in active.values()],
        [(rule.name, encode_key(key)) for key in was if key not in active],
        [(_alert(rule, one), one.transition) for one in ticked.values() if _told(one)],
        _summary(rule, ticked, now_ms),
    )


def _alert(rule: Rule, one: Ticked) -> Alert:
    """An alert as it is told: a graver bound that was crossed, but not for as long as the rule wants, is not named."""
    verdict, fires = one.verdict, one.after.severity
    if fires is not None and verdict.severity is not None and verdict.severity.rank > fires.rank:
        verdict = replace(verdict, threshold=threshold_of(rule, fires, verdict.reference))
    return Alert(rule, one.key, one.after, verdict)


def _row(rule: Rule, measured: str, one: Ticked) -> StateRow:
    return state_row(rule.name, one.key, KeptAlert(measured, rule.by, one.after, one.verdict.reason))


def _told(one: Ticked) -> bool:
    return one.transition is not None or one.after.status is Status.FIRING


def _summary(rule: Rule, ticked: Mapping[Key, Ticked], now_ms: int) -> RuleTick:
    statuses = [one.after.status for one in ticked.values()]
    unknown = [one for one in ticked.values() if one.after.unknown]
    return RuleTick(
        rule=rule.name,
        at_ms=now_ms,
        alerts=len(ticked),
        pending=statuses.count(Status.PENDING),
        firing=statuses.count(Status.FIRING),
        unknown=len(unknown),
        examples=tuple(
            UnknownAlert(dict(zip(rule.by, one.key, strict=True)), one.verdict.reason) for one in unknown[:_EXAMPLES]
        ),
    )
