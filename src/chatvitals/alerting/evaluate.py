"""What a rule makes of an observation. Pure: the same code runs live, in tests of rules and in backtests.

A value exactly at a bound is not beyond it, and one exactly at the recovery is back.
"""

import math
from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct

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


class Verdict(Struct, frozen=True, gc=False):
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


class Bound(NamedTuple):
    """Of one severity, on a scale where more is worse: it fires beyond `bound`, and is over at `recovery`."""

    severity: Severity
    bound: float
    recovery: float


def severities_of(condition: Condition) -> tuple[Severity, ...]:
    """The severities that a condition has, the least grave first."""
    severities = (condition.severity,) if isinstance(condition, Absence) else condition.levels
    return tuple(sorted(severities, key=lambda severity: severity.rank))


def judge(rule: Rule, seen: Observation) -> Verdict:
    """What the rule says of an observation."""
    return judge_of(rule)(seen)


def judge_of(rule: Rule) -> Callable[[Observation], Verdict]:
    """The same as `judge` for many observations of one rule: what is the same for all is found out once."""
    match rule.condition:
        case Absence(severity=severity):
            return lambda seen: _judge_absence(severity, seen)
        case Threshold() as threshold:
            return _ThresholdJudge(rule, threshold).judge
        case Degradation() as degradation:
            return _DegradationJudge(rule, degradation).judge


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


class _Needs:
    """What a rule needs to judge at all, and what it takes the lack of it for."""

    def __init__(self, rule: Rule, least: Severity) -> None:
        self._rule = rule
        self._counts = METRICS_BY_PATH[rule.metric].statistic in ("count", "sum")
        match rule.no_data:
            case NoData.KEEP:
                self._meaning: tuple[Finding, Severity | None] = Finding.UNKNOWN, None
            case NoData.CLEAR:
                self._meaning = Finding.CLEAR, None
            case NoData.BREACH:
                self._meaning = Finding.BREACH, least

    def value(self, seen: Observation) -> float | None:
        """The value, None where it isn't a number. How many there were of nothing is 0."""
        if seen.value is None and self._counts:
            return 0.0
        return _finite(seen.value)

    def are_met(self, seen: Observation) -> bool:
        """Whether there is enough behind a value."""
        rule = self._rule
        return (
            seen.n >= rule.min_samples
            and seen.sessions >= rule.min_sessions
            and (seen.customers or 0) >= rule.min_customers
        )

    def verdict(self, seen: Observation, value: float | None, threshold: float | None) -> Verdict:
        """What the rule says where they aren't met."""
        finding, severity = self._meaning
        return Verdict(
            finding,
            severity,
            value,
            threshold,
            seen.n,
            seen.sessions,
            _finite(seen.reference),
            reason=self._missing(seen) or "nothing was measured",
            holds=severity,
        )

    def _missing(self, seen: Observation) -> str:
        rule = self._rule
        needs = (
            (seen.n, rule.min_samples, "sample"),
            (seen.sessions, rule.min_sessions, "session"),
            (seen.customers or 0, rule.min_customers, "customer"),
        )
        return ", ".join(
            f"{count} {what}{'' if count == 1 else 's'} of the {least} it needs"
            for count, least, what in needs
            if count < least
        )


class _ThresholdJudge:
    """Judges values by bounds of their own unit."""

    def __init__(self, rule: Rule, condition: Threshold) -> None:
        self._sign = 1 if condition.side is Side.ABOVE else -1
        self._levels = condition.levels
        levels = {severity: self._sign * bound for severity, bound in condition.levels.items()}
        self._bounds = _bounds(levels, self._sign * condition.recovery)
        self._least = self._bounds[0].severity
        self._needs = _Needs(rule, self._least)

    def judge(self, seen: Observation) -> Verdict:
        value = self._needs.value(seen)
        if value is None or not self._needs.are_met(seen):
            return self._needs.verdict(seen, value, self._levels[self._least])
        finding, severity, holds = _place(self._bounds, self._sign * value)
        threshold = self._levels[severity or self._least]
        return Verdict(finding, severity, value, threshold, seen.n, seen.sessions, holds=holds)


class _DegradationJudge:
    """Judges values by how many percent they are worse than their reference."""

    def __init__(self, rule: Rule, condition: Degradation) -> None:
        self._sign = _sign_of_worse(rule)
        self._levels = condition.levels
        self._bounds = _bounds(condition.levels, condition.recovery)
        self._least = self._bounds[0].severity
        self._needs = _Needs(rule, self._least)
        self._reference_name = (
            "the same window earlier" if condition.baseline is None else f"the baseline {condition.baseline}"
        )

    def judge(self, seen: Observation) -> Verdict:
        value, reference = self._needs.value(seen), _finite(seen.reference)
        if value is None or not self._needs.are_met(seen):
            return self._needs.verdict(seen, value, None)
        if reference is None:
            return self._without_reference(seen, value, "has too little to compare with")
        change = _finite(self._sign * 100 * (value - reference) / reference) if reference > 0 else None
        if change is None:
            return self._without_reference(seen, value, f"is {reference:g}, which has no percentages")
        finding, severity, holds = _place(self._bounds, change)
        threshold = _worse_by(self._levels[severity or self._least], reference, self._sign)
        return Verdict(finding, severity, value, threshold, seen.n, seen.sessions, reference, change, holds=holds)

    def _without_reference(self, seen: Observation, value: float, why: str) -> Verdict:
        reason = f"{self._reference_name} {why}"
        reference = _finite(seen.reference)
        return Verdict(Finding.UNKNOWN, None, value, None, seen.n, seen.sessions, reference, reason=reason)


def threshold_of(rule: Rule, severity: Severity, reference: float | None) -> float | None:
    """The bound of a severity in the metric's unit, given what a degradation compares with; None where it has none."""
    match rule.condition:
        case Threshold(levels=levels):
            return levels.get(severity)
        case Degradation(levels=levels) if reference is not None and severity in levels:
            return _worse_by(levels[severity], reference, _sign_of_worse(rule))
    return None


def _sign_of_worse(rule: Rule) -> int:
    return -1 if METRICS_BY_PATH[rule.metric].higher_is_better else 1


def _worse_by(percent: float, reference: float, sign: int) -> float | None:
    return _finite(reference * (1 + sign * percent / 100))


def _bounds(levels: Levels, recovery: float) -> tuple[Bound, ...]:
    """The bounds, the least grave first. Each has its recovery as far inside it as the least grave has."""
    ordered = sorted(levels.items(), key=lambda level: level[0].rank)
    least = ordered[0][1]
    margin = max(0.0, least - recovery)
    return tuple(
        Bound(severity, bound, bound - margin if bound > least else min(bound, recovery)) for severity, bound in ordered
    )


def _place(bounds: tuple[Bound, ...], badness: float) -> tuple[Finding, Severity | None, Severity | None]:
    """How a value stands, the gravest severity whose bound it is beyond, and whose recovery."""
    severity = holds = None
    for bound in bounds:
        if badness > bound.bound:
            severity = bound.severity
        if badness > bound.recovery:
            holds = bound.severity
    finding = Finding.BREACH if severity else Finding.BETWEEN if holds else Finding.CLEAR
    return finding, severity, holds


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
