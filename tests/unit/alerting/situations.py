"""Rules, alerts and incidents for tests."""

from typing import Any

from chatvitals.alerting.accounts import Account
from chatvitals.alerting.evaluate import Finding, Verdict
from chatvitals.alerting.incidents import Alert, open_incident
from chatvitals.alerting.observation import Key
from chatvitals.alerting.rule import Rule, Side, Threshold
from chatvitals.alerting.state import AlertState, Status
from chatvitals.catalogue.severities import Severity
from chatvitals.store.control.incidents import Blast, Incident

ACME: Key = ("shop", "acme")
NOON = 1_700_000_000_000


def slow_renders(**changes: Any) -> Rule:
    """A rule with an alert for each customer of each site."""
    fields: dict[str, Any] = {
        "name": "slow-renders",
        "title": "Slow Message Renders",
        "category": "performance",
        "metric": "performance.renders.p95Time",
        "condition": Threshold(Side.ABOVE, {Severity.WARNING: 16.0, Severity.CRITICAL: 50.0}, 16.0),
        "message": "P95 render time is {value}",
        "by": ("site", "customer"),
        "labels": {"team": "widget"},
        "runbook": "https://runbooks.example/slow",
    }
    return Rule(**(fields | changes))


def verdict(
    value: float | None, finding: Finding = Finding.BREACH, threshold: float = 16.0, sessions: int = 60
) -> Verdict:
    severity = Severity.WARNING if finding is Finding.BREACH else None
    return Verdict(finding, severity, value, threshold, 500, sessions)


def alert(
    value: float | None = 20.0,
    severity: Severity | None = Severity.WARNING,
    finding: Finding = Finding.BREACH,
    key: Key = ACME,
    **rule: Any,
) -> Alert:
    """One that fires, as grave as given, or with no severity one that is inactive."""
    status = Status.INACTIVE if severity is None else Status.FIRING
    state = AlertState(status=status, severity=severity, tick_ms=NOON)
    return Alert(slow_renders(**rule), key, state, verdict(value, finding))


def account(message: str = "it is slow", *, seen: int = 400, **blast: int) -> Account:
    """What was measured; `seen` = 0 is what the key alone says."""
    counts: dict[str, Any] = {"sites": 1, "customers": 1, "releases": 2, "sessions": 63} | blast
    return Account(message, {"p95Time": 20.0}, Blast(**counts, customers_seen=seen, sessions_seen=seen))


def incident(of: Alert | None = None, told: Account | None = None, now_ms: int = NOON) -> Incident:
    """An open one."""
    return open_incident(of or alert(), told or account(), "incident-1", now_ms).incident
