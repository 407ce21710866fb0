"""Notifications and what channels find around them, for tests."""

from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from chatvitals.catalogue.severities import Severity
from chatvitals.notify.message import Notification, Reason, Told
from chatvitals.notify.outgoing.addresses import Address
from chatvitals.notify.outgoing.allowed import AllowList
from chatvitals.notify.outgoing.client import Outgoing
from chatvitals.notify.outgoing.guard import Guard
from chatvitals.notify.surroundings import Surroundings
from chatvitals.store.control.database import open_database
from chatvitals.store.control.incidents import Blast
from chatvitals.store.control.notifications import Notifications

NOW_MS = 1_785_000_000_000


def told(name: str = "lost", **fields: Any) -> Told:
    known: dict[str, Any] = {
        "incident": f"incident-{name}",
        "fingerprint": f"fingerprint-{name}",
        "rule": "messages-lost",
        "severity": Severity.CRITICAL,
        "category": "persistence",
        "title": "Messages are lost",
        "message": "12 messages of acme are lost",
        "labels": {"site": "shop", "customer": "acme", "rule": "messages-lost", "severity": "critical"},
        "value": 12.0,
        "threshold": 0.0,
        "unit": "events",
        "blast": Blast(sites=1, customers=1, customers_seen=400, sessions=63, sessions_seen=9_000),
        "runbook": "https://runbooks.example/lost",
        "url": "https://vitals.example/alerts/incident-lost",
        "opened_ms": NOW_MS - 60_000,
    }
    return Told(**known | fields)


def notification(number: int = 1, **fields: Any) -> Notification:
    known: dict[str, Any] = {
        "id": f"00000000-0000-4000-8000-{number:012}",
        "receiver": "on-call",
        "reason": Reason.OPENED,
        "thread": f"thread-{number}",
        "group": {"site": "shop"},
        "incidents": (told(),),
        "created_ms": NOW_MS,
        "url": "https://vitals.example/alerts",
    }
    return Notification(**known | fields)


class Names:
    """A resolver that knows some names, each with one answer after another; the last one stays."""

    def __init__(self, **answers: Sequence[Sequence[str]]) -> None:
        self.asked: list[str] = []
        self._answers = {name.replace("_", "."): list(several) for name, several in answers.items()}

    async def __call__(self, name: str) -> Sequence[Address]:
        self.asked.append(name)
        several = self._answers.get(name)
        if several is None:
            raise OSError("Name or service not known")
        return [ip_address(text) for text in (several.pop(0) if len(several) > 1 else several[0])]


def surroundings(
    folder: Path,
    *,
    allowed: Sequence[str] = ("127.0.0.0/8",),
    environment: Mapping[str, str] | None = None,
    console: list[str] | None = None,
    deadline_s: float = 5.0,
    now_ms: int = NOW_MS,
) -> Surroundings:
    """Over a control store in `folder`."""
    guard = Guard(AllowList(allowed), Names())
    return Surroundings(
        clock=lambda: now_ms,
        outgoing=Outgoing(guard, lambda: now_ms, deadline_s=deadline_s),
        notifications=Notifications(open_database(f"sqlite:///{folder / 'control.sqlite'}")),
        console=(console if console is not None else []).append,
        environment=environment or {},
    )
