"""What became of every event: exactly one outcome each, with a reason."""

from collections import Counter
from typing import Literal, NamedTuple

Outcome = Literal["stored", "folded", "rejected", "limited", "duplicate"]
"""`folded` events are stored too, with a value in `__other__`; `limited` ones met a rate limit or a full spool."""

KEPT: tuple[Outcome, ...] = ("stored", "folded")


class OutcomeKey(NamedTuple):
    """What outcomes are counted by; `minute_ms` is the minute of receipt, `site` is empty where no key told it."""

    site: str
    minute_ms: int
    outcome: Outcome
    reason: str


OutcomeCounts = Counter[OutcomeKey]


def outcome_key(site: str, now_ms: int, outcome: Outcome, reason: str = "") -> OutcomeKey:
    """The key of an outcome at `now_ms`."""
    return OutcomeKey(site, now_ms - now_ms % 60_000, outcome, reason)
