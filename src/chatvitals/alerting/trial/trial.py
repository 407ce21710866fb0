"""A test of rules, once it was read."""

from collections.abc import Mapping
from dataclasses import dataclass

from chatvitals.alerting.observation import Key
from chatvitals.alerting.rule import Rule
from chatvitals.alerting.state import Status
from chatvitals.alerting.trial.values import Values
from chatvitals.catalogue.severities import Severity

Labels = Mapping[str, str]
"""Values of dimensions by their names; what isn't named is empty."""


@dataclass(frozen=True, slots=True)
class Course:
    """How a metric went, under some labels: its value at each interval from 0 on, and what was behind it.

    Where `n`, `sessions` or `customers` is None there was as much as a rule needs.
    """

    metric: str
    labels: Labels
    values: Values
    n: Values | None = None
    sessions: Values | None = None
    customers: Values | None = None


@dataclass(frozen=True, slots=True)
class Captured:
    """A metric's value in a baseline, under labels that contain these."""

    baseline: str
    metric: str
    labels: Labels
    value: float


@dataclass(frozen=True, slots=True)
class Wanted:
    """An alert as it should be. What is None may be anything."""

    rule: str
    key: Key
    status: Status
    severity: Severity | None = None
    unknown: bool | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """What is wanted at a time from the start: every alert that fires, and of others what is said. `line` is where."""

    at_ms: int
    alerts: tuple[Wanted, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Trial:
    """One test. The moments are in their order."""

    name: str
    rules: tuple[Rule, ...]
    interval_ms: int
    courses: tuple[Course, ...]
    baselines: tuple[Captured, ...]
    moments: tuple[Moment, ...]
