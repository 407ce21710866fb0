"""Notifications about losses and slow renders, as mails tell them."""

from typing import Any

from chatvitals.catalogue.severities import Severity
from chatvitals.notify.message import Notification, Reason, Told
from chatvitals.store.control.incidents import Blast

NOON_MS = 1_767_268_800_000
"""1 January 2026, 12:00 UTC."""

LOSS = Told(
    incident="5f7d9b3e-2a61-4c5e-9d7b-0a1b2c3d4e5f",
    fingerprint="f" * 64,
    rule="data-loss",
    severity=Severity.CRITICAL,
    category="persistence",
    title="Data Loss Detected",
    message="3 data loss incident(s) detected",
    labels={"site": "shop", "rule": "data-loss", "category": "persistence", "severity": "critical"},
    value=3.0,
    threshold=0.0,
    unit="count",
    details={"incidents": 3, "errorsByType": {"QuotaExceededError": 2, "SecurityError": 1}},
    blast=Blast(
        sites=1, customers=1, customers_seen=400, releases=1, sessions=63, sessions_seen=1_200,
        site_names=("shop",), customer_names=("acme",), release_names=("2.4.1",),
    ),
    runbook="https://runbooks.example/data-loss",
    url="https://monitoring.example/alerts/5f7d9b3e",
    opened_ms=NOON_MS,
)  # fmt: skip

RENDERS = Told(
    incident="11111111-2a61-4c5e-9d7b-0a1b2c3d4e5f",
    fingerprint="e" * 64,
    rule="slow-renders",
    severity=Severity.WARNING,
    category="performance",
    title="Slow Message Renders",
    message="P95 render time is 18.52ms, above threshold of 16ms",
    labels={"site": "shop", "rule": "slow-renders", "category": "performance", "severity": "warning", "team": "web"},
    value=18.52,
    threshold=16.0,
    unit="ms",
    details={"p95Time": 18.52, "slowRenders": 1_204, "totalRenders": 20_117},
    opened_ms=NOON_MS - 3_900_000,
)


def notification(*incidents: Told, reason: Reason = Reason.OPENED, **fields: Any) -> Notification:
    """A notification about a group, by default one about a loss."""
    given: dict[str, Any] = {
        "id": "0b0e7c0c-6a52-5d1c-8f0e-2f6a4b1c9d8e",
        "receiver": "on-call",
        "thread": "7c9e6679-7425-50de-944b-e07fc1f90ae7",
        "group": {"rule": "data-loss", "site": "shop"},
        "created_ms": NOON_MS + 2_000,
        "url": "https://monitoring.example/alerts",
    }
    return Notification(reason=reason, incidents=incidents or (LOSS,), **(given | fields))
