"""What is told of an alert, and who finds it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from chatvitals.alerting.evaluate import Verdict
from chatvitals.alerting.observation import Key
from chatvitals.alerting.rule import Rule
from chatvitals.store.control.incidents import Blast


@dataclass(frozen=True, slots=True)
class Account:
    """What is told of an alert: in words, in figures, and whom it touches."""

    message: str
    details: Mapping[str, Any]
    blast: Blast


class Teller(Protocol):
    """Finds the words and figures for an alert that is bad."""

    def message(self, rule: Rule, key: Key, verdict: Verdict) -> str:
        """What is bad, from the verdict alone."""

    def account(self, rule: Rule, key: Key, verdict: Verdict, now_ms: int) -> Account:
        """All that is told, read from the events. Raises EngineError."""


def brief_account(rule: Rule, key: Key, verdict: Verdict, message: str) -> Account:
    """What is known without looking further: the sessions in its window, and what its key names."""
    sites, customers, releases = (_named(rule, key, dimension) for dimension in ("site", "customer", "release"))
    return Account(
        message,
        {},
        Blast(
            sites=len(sites),
            customers=len(customers),
            releases=len(releases),
            sessions=verdict.sessions,
            site_names=sites,
            customer_names=customers,
            release_names=releases,
        ),
    )


def _named(rule: Rule, key: Key, dimension: str) -> tuple[str, ...]:
    return tuple(value for name, value in zip(rule.by, key, strict=True) if name == dimension and value)


def measured(blast: Blast) -> bool:
    """Whether it was counted, and isn't only what the alert's key names."""
    return blast.sessions_seen > 0
