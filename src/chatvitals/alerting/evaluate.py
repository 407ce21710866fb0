"""What a rule makes of an observation. Pure: the same code runs live, in tests of rules and in backtests."""

from dataclasses import dataclass
from enum import StrEnum

from chatvitals.alerting.observation import Observation
from chatvitals.alerting.rule import Rule
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
    """A finding with its figures. `threshold` is the bound that was crossed, or the least grave one; `reason` says what
    is missing where the finding is UNKNOWN. `change` is in percent, for degradations."""

    finding: Finding
    severity: Severity | None
    value: float | None
    threshold: float | None
    n: int
    sessions: int
    reference: float | None = None
    change: float | None = None
    reason: str = ""


def judge(rule: Rule, seen: Observation) -> Verdict:
    """What the rule says of an observation."""
    raise NotImplementedError
