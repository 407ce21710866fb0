"""The state machine of one alert: inactive, pending, firing. Pure; time is what the caller says it is.

Each severity of a rule is a machine of its own, as if it were a rule: it fires once its bound was crossed for `for`,
and ends once the value was back for `keepFiringFor`. The alert is as grave as the gravest that fires. So a value that
swings around a graver bound escalates once, and eases once it has left that bound for good.

How long something lasted is added up from tick to tick, each counting for at most two intervals: a clock that jumps, or
a server that was away, neither fires nor resolves anything by itself. A tick without enough data counts for nothing.
"""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from chatvitals.alerting.evaluate import Finding, Verdict, severities_of
from chatvitals.alerting.rule import Rule
from chatvitals.catalogue.severities import Severity


class Status(StrEnum):
    """Where an alert is."""

    INACTIVE = "inactive"
    """All is well, as far as is known."""
    PENDING = "pending"
    """It is bad, but not yet for as long as the rule wants."""
    FIRING = "firing"
    """It is bad, or was until less than `keepFiringFor` ago."""


class Level(Struct, frozen=True):
    """One severity of an alert: whether it fires, what was found of it last, and how long that has been so."""

    firing: bool = False
    finding: Finding = Finding.CLEAR
    lasted_ms: int = 0


class AlertState(Struct, frozen=True, kw_only=True):
    """Of one alert. `unknown` says that the last observation was too little; the status is then that of before.

    `severity` is the gravest that fires, or is pending; `since_ms` is when the status began, `tick_ms` the last tick.
    There is nothing to know of the levels of one that is inactive.
    """

    status: Status = Status.INACTIVE
    severity: Severity | None = None
    unknown: bool = False
    levels: Mapping[Severity, Level] = {}
    since_ms: int = 0
    tick_ms: int = 0


class Change(StrEnum):
    """What happened to an alert at a tick."""

    OPENED = "opened"
    ESCALATED = "escalated"
    EASED = "eased"
    RESOLVED = "resolved"


class Transition(Struct, frozen=True):
    """A change, when, and how grave it is from now on (the last severity, where it resolved)."""

    change: Change
    at_ms: int
    severity: Severity


def step(rule: Rule, state: AlertState, verdict: Verdict, now_ms: int) -> tuple[AlertState, Transition | None]:
    """The state after a tick, and what changed by it."""
    unknown = verdict.finding is Finding.UNKNOWN
    if state.status is Status.INACTIVE and verdict.severity is None:
        return AlertState(unknown=unknown, since_ms=state.since_ms, tick_ms=now_ms), None
    elapsed_ms = min(max(now_ms - state.tick_ms, 0), 2 * rule.every_ms)
    levels = {
        severity: _step_level(rule, level, verdict.of_level(severity), elapsed_ms)
        for severity, level in _levels(rule, state).items()
    }
    status, severity = _summary(levels)
    after = AlertState(
        status=status,
        severity=severity,
        unknown=unknown,
        levels={} if status is Status.INACTIVE else levels,
        since_ms=state.since_ms if status is state.status else now_ms,
        tick_ms=now_ms,
    )
    return after, _transition(state, after)


def _levels(rule: Rule, state: AlertState) -> dict[Severity, Level]:
    """The levels as the rule has them now. One that it hadn't before goes on where a graver one, or as grave, fired."""
    fired = state.severity if state.status is Status.FIRING else None
    return {
        severity: state.levels.get(severity) or Level(fired is not None and severity.rank <= fired.rank)
        for severity in severities_of(rule.condition)
    }


def _step_level(rule: Rule, level: Level, finding: Finding, elapsed_ms: int) -> Level:
    if finding is Finding.UNKNOWN:
        return level
    lasted_ms = level.lasted_ms + elapsed_ms if finding is level.finding else 0
    firing = level.firing
    if finding is Finding.BREACH and lasted_ms >= rule.for_ms:
        firing = True
    elif finding is Finding.CLEAR and lasted_ms >= rule.keep_firing_for_ms:
        firing = False
    return Level(firing, finding, lasted_ms)


def _summary(levels: Mapping[Severity, Level]) -> tuple[Status, Severity | None]:
    firing = [severity for severity, level in levels.items() if level.firing]
    if firing:
        return Status.FIRING, firing[-1]
    pending = [severity for severity, level in levels.items() if level.finding is Finding.BREACH]
    return (Status.PENDING, pending[-1]) if pending else (Status.INACTIVE, None)


def _transition(before: AlertState, after: AlertState) -> Transition | None:
    was = before.severity if before.status is Status.FIRING else None
    now = after.severity if after.status is Status.FIRING else None
    match was, now:
        case None, Severity():
            return Transition(Change.OPENED, after.tick_ms, now)
        case Severity(), None:
            return Transition(Change.RESOLVED, after.tick_ms, was)
        case Severity(), Severity() if now is not was:
            change = Change.ESCALATED if now.rank > was.rank else Change.EASED
            return Transition(change, after.tick_ms, now)
    return None
