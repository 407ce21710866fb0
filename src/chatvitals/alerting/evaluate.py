"""What a rule makes of an observation. Pure: the same code runs live, in tests of rules and in backtests.

A value exactly at a bound is not beyond it, and one exactly at the recovery is back.
"""

import math
from dataclasses import dataclass, replace
from enum import StrEnum

from chatvitals.alerting.observation import NOTHING, Observation
from chatvitals.alerting.rule import Absence, Condition, Degradation, Levels, NoData, Rule, Side, Threshold
from chatvitals.catalogue.metrics import METRICS_BY_PATH
from chatvitals.catalogue.severities import Severity


class Finding(StrEnum):
    """How one observation stands."""

    CLEAR = "clear"
    BETWEEN = "between"
    """Not bad enough to fire, not yet good enough to end what fires."""
    BREACH = "breach"
    UNKNOWN = "unknown"
    """Too little data to say."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A finding with its figures.

    `severity` is the gravest whose bound is crossed, `holds` the gravest that would go on if it fired already, because
    the value isn't back at its recovery. `threshold` is the bound that was crossed, or the least grave one, in the
    metric's unit. `change` is by how many percent a degradation is worse than its `reference`. `reason` says what is
    missing where there is too little data.
    """

    finding: Finding
    severity: Severity | None
    value: float | None
    threshold: float | None
    n: int
    sessions: int
    reference: float | None = None
    change: float | None = None
    reason: str = ""
    holds: Severity | None = None

    def of_level(self, severity: Severity) -> Finding:
        """How one severity of the rule stands by itself."""
        if self.finding is Finding.UNKNOWN:
            return Finding.UNKNOWN
        if self.severity is not None and severity.rank <= self.severity.rank:
            return Finding.BREACH
        if self.holds is not None and severity.rank <= self.holds.rank:
            return Finding.BETWEEN
        return Finding.CLEAR


def severities_of(condition: Condition) -> tuple[Severity, ...]:
    """The severities that a condition has, the least grave first."""
    severities = (condition.severity,) if isinstance(condition, Absence) else condition.levels
    return tuple(sorted(severities, key=lambda severity: severity.rank))


def judge(rule: Rule, seen: Observation) -> Verdict:
    """What the rule says of an observation."""
    match rule.condition:
        case Absence(severity=severity):
            return _judge_absence(severity, seen)
        case Threshold() as threshold:
            return _judge_threshold(rule, threshold, seen)
        case Degradation() as degradation:
            return _judge_degradation(rule, degradation, seen)


def unseen(rule: Rule) -> Verdict:
    """What the rule says of an alert that nothing is observed of any more. Who was away for too long isn't missed."""
    if isinstance(rule.condition, Absence):
        return Verdict(
            Finding.CLEAR, None, None, None, 0, 0, reason="nothing was measured for longer than it looks back"
        )
    return judge(rule, NOTHING)


def _judge_absence(severity: Severity, seen: Observation) -> Verdict:
    absent = severity if seen.n == 0 else None
    finding = Finding.CLEAR if absent is None else Finding.BREACH
    return Verdict(finding, absent, _finite(seen.value), None, seen.n, seen.sessions, holds=absent)


def _judge_threshold(rule: Rule, condition: Threshold, seen: Observation) -> Verdict:
    value = _value(rule, seen)
    sign = 1 if condition.side is Side.ABOVE else -1
    least = severities_of(condition)[0]
    unjudged = Verdict(Finding.UNKNOWN, None, value, condition.levels[least], seen.n, seen.sessions)
    missing = _missing(rule, seen, value)
    if missing or value is None:
        return _without_data(rule.no_data, least, replace(unjudged, reason=missing))
    bounds = {severity: sign * bound for severity, bound in condition.levels.items()}
    judged = _place(unjudged, sign * value, bounds, sign * condition.recovery)
    return replace(judged, threshold=condition.levels[judged.severity or least])


def _judge_degradation(rule: Rule, condition: Degradation, seen: Observation) -> Verdict:
    value, reference = _value(rule, seen), _finite(seen.reference)
    least = severities_of(condition)[0]
    unjudged = Verdict(Finding.UNKNOWN, None, value, None, seen.n, seen.sessions, reference)
    missing = _missing(rule, seen, value)
    if missing or value is None:
        return _without_data(rule.no_data, least, replace(unjudged, reason=missing))
    if reference is None:
        return replace(unjudged, reason=f"{_reference_name(condition)} has no value to compare with")
    sign = -1 if METRICS_BY_PATH[rule.metric].higher_is_better else 1
    change = _finite(sign * 100 * (value - reference) / reference) if reference > 0 else None
    if change is None:
        return replace(unjudged, reason=f"{_reference_name(condition)} is {reference:g}, which has no percentages")
    judged = _place(replace(unjudged, change=change), change, condition.levels, condition.recovery)
    level = condition.levels[judged.severity or least]
    return replace(judged, threshold=_finite(reference * (1 + sign * level / 100)))


def _place(verdict: Verdict, badness: float, bounds: Levels, recovery: float) -> Verdict:
    """The verdict on how bad it is: more is worse. Each bound has its recovery as far inside it as the least grave."""
    least = min(bounds.values())
    margin = max(0.0, least - recovery)
    recoveries = {s: bound - margin if bound > least else min(bound, recovery) for s, bound in bounds.items()}
    severity, holds = _gravest_beyond(bounds, badness), _gravest_beyond(recoveries, badness)
    finding = Finding.BREACH if severity else Finding.BETWEEN if holds else Finding.CLEAR
    return replace(verdict, finding=finding, severity=severity, holds=holds)


def _gravest_beyond(bounds: Levels, badness: float) -> Severity | None:
    beyond = (severity for severity, bound in bounds.items() if badness > bound)
    return max(beyond, key=lambda severity: severity.rank, default=None)


def _value(rule: Rule, seen: Observation) -> float | None:
    """The value, None where it isn't a number. How many there were of nothing is 0."""
    if seen.value is None and METRICS_BY_PATH[rule.metric].statistic in ("count", "sum"):
        return 0.0
    return _finite(seen.value)


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _missing(rule: Rule, seen: Observation, value: float | None) -> str:
    """What there is too little of, empty where there is enough."""
    needs = (
        (seen.n, rule.min_samples, "sample"),
        (seen.sessions, rule.min_sessions, "session"),
        (seen.customers or 0, rule.min_customers, "customer"),
    )
    short = [
        f"{count} {what}{'' if count == 1 else 's'} of the {least} it needs"
        for count, least, what in needs
        if count < least
    ]
    if short:
        return ", ".join(short)
    return "nothing was measured" if value is None else ""


def _without_data(policy: NoData, least: Severity, verdict: Verdict) -> Verdict:
    """What the rule wants too little data to mean."""
    match policy:
        case NoData.KEEP:
            return verdict
        case NoData.CLEAR:
            return replace(verdict, finding=Finding.CLEAR)
        case NoData.BREACH:
            return replace(verdict, finding=Finding.BREACH, severity=least, holds=least)


def _reference_name(condition: Degradation) -> str:
    return "the same window earlier" if condition.baseline is None else f"the baseline {condition.baseline}"
