"""What a rule says, once it was read: when a metric is bad, how bad, for how long, and what to say then."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

from msgspec import Struct

from chatvitals.catalogue.severities import Severity

Category = Literal[
    "persistence", "performance", "memory", "api", "errors", "scroll", "tabSync", "delivery", "boot", "host",
    "rollout", "slo", "anomaly",
]  # fmt: skip
Levels = Mapping[Severity, float]
"""The bound of each severity that a rule has."""


PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
"""What stands for a figure in a rule's message; what is in it is one of these, or one of the rule's `by`."""

PLACEHOLDERS = ("value", "threshold", "reference", "change", "samples", "sessions", "window")


class Side(StrEnum):
    """On which side of its bound a value is bad."""

    ABOVE = "above"
    BELOW = "below"


class NoData(StrEnum):
    """What it means that there is too little data."""

    KEEP = "keep"
    """Nothing: the alert stays as it is, and says that it can't tell."""
    CLEAR = "clear"
    """As good as a good value."""
    BREACH = "breach"
    """As bad as a value beyond the least grave bound."""


class Threshold(Struct, frozen=True, forbid_unknown_fields=True):
    """Bad beyond a bound. An alert that fires goes on until the value is back beyond `recovery`."""

    side: Side
    levels: Levels
    recovery: float


class Degradation(Struct, frozen=True, forbid_unknown_fields=True):
    """Worse by so many percent than a captured baseline, or than the same window so long before.

    Exactly one of `baseline` (its name) and `earlier_ms` is given. Which direction is worse is the metric's to say.
    """

    levels: Levels
    recovery: float
    baseline: str | None = None
    earlier_ms: int | None = None


class Absence(Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing was measured, where something was during the `known_ms` before."""

    severity: Severity
    known_ms: int


Condition = Threshold | Degradation | Absence


class Detail(Struct, frozen=True, forbid_unknown_fields=True):
    """A further figure to tell: a metric, by its path, divided by `per`; or `threshold`, or `errorsByType`."""

    metric: str
    per: float = 1.0


class Rule(Struct, frozen=True, kw_only=True):
    """One rule. Durations are in ms; `by` are the dimensions that have an alert for each of their values.

    Its window is of the times at which events happened or, `by_arrival`, came here. Without a message there is a
    sentence that fits any rule.
    """

    name: str
    title: str
    category: Category
    metric: str
    condition: Condition
    message: str = ""
    details: Mapping[str, Detail] = {}
    filters: Mapping[str, tuple[str, ...]] = {}
    by: tuple[str, ...] = ("site",)
    by_arrival: bool = False
    window_ms: int = 300_000
    every_ms: int = 60_000
    for_ms: int = 0
    keep_firing_for_ms: int = 0
    min_samples: int = 1
    min_sessions: int = 0
    min_customers: int = 0
    no_data: NoData = NoData.KEEP
    labels: Mapping[str, str] = {}
    runbook: str = ""
    enabled: bool = True
