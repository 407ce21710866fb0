"""The state machine of one alert: inactive, pending, firing, no data. Pure; time is what the caller says it is.

How long something lasted is added up from tick to tick, each counting for at most two intervals: a clock that jumps, or
a server that was away, neither fires nor resolves anything by itself.
"""

from enum import StrEnum

from msgspec import Struct

from chatvitals.alerting.evaluate import Verdict
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


class AlertState(Struct, frozen=True, kw_only=True):
    """Of one alert. `unknown` says that the last observation was too little; the status is then that of before.

    `breached_ms` and `clear_ms` are how long it has been bad, or clear, without a break; `since_ms` is when the status
    began, `tick_ms` the last tick.
    """

    status: Status = Status.INACTIVE
    severity: Severity | None = None
    unknown: bool = False
    breached_ms: int = 0
    clear_ms: int = 0
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
    raise NotImplementedError
