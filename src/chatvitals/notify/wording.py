"""How notifications read: headline, blast radius, moments. Plain text, without control characters. Pure."""

import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime

from chatvitals.notify.message import Notification, Reason, Told
from chatvitals.store.control.incidents import Blast

MOST_SHOWN = 20
"""Incidents that are told one by one to people; of more there is the number."""

_SAFE_CONTROLS = "\n"

SAID_ELSEWHERE = ("rule", "category", "severity")
"""Labels of an incident that its other words tell."""


def plain(text: str) -> str:
    """Text without what a terminal or a reader takes for a command: control, format and direction characters."""
    return "".join(
        letter if letter in _SAFE_CONTROLS or unicodedata.category(letter) not in ("Cc", "Cf", "Zl", "Zp") else "\ufffd"
        for letter in text
    )


def one_line(text: str) -> str:
    """Plain text on one line."""
    return " ".join(plain(text).split())


def state_of(notification: Notification) -> str:
    """The first word about it: its gravest severity, or that all is over."""
    if notification.reason is Reason.TEST:
        return "TEST"
    return notification.severity.value.upper() if notification.open else "RESOLVED"


def headline(notification: Notification) -> str:
    """One line about all of it, as `[CRITICAL] Messages are lost on shop (and 2 more)`."""
    what = on_what(lead_of(notification).title, notification)
    more = _count_of(notification) - 1
    return f"[{state_of(notification)}] {what}" + (f" (and {more} more)" if more else "")


def on_what(title: str, notification: Notification) -> str:
    """A title with what its group has in common, as `Messages are lost on shop`."""
    labels = sorted(notification.group.items())
    where = ", ".join(value for name, value in labels if name not in SAID_ELSEWHERE and value)
    return one_line(f"{title} on {where}" if where else title)


def say_labels(labels: Mapping[str, str]) -> str:
    """What an incident is about, as `customer=acme, site=shop`."""
    told = ((name, value) for name, value in sorted(labels.items()) if name not in SAID_ELSEWHERE and value)
    return ", ".join(f"{name}={one_line(value)}" for name, value in told)


def shown(notification: Notification) -> tuple[Told, ...]:
    """Those to tell one by one."""
    return notification.incidents[:MOST_SHOWN]


def say_rest(notification: Notification) -> str:
    """That there are others; empty where all are told one by one."""
    rest = _count_of(notification) - len(shown(notification))
    return f"and {rest:,} more" if rest else ""


def _count_of(notification: Notification) -> int:
    return len(notification.incidents) + notification.omitted


def lead_of(notification: Notification) -> Told:
    """The incident to name first: the gravest one that is open, or of all."""
    return max(notification.open or notification.incidents, key=lambda told: told.severity.rank)


def say_blast(blast: Blast) -> str:
    """Whom it touches, as `1 customer of 400, 63 sessions`; empty where nothing is known."""
    parts = []
    if blast.customers:
        of = f" of {blast.customers_seen:,}" if blast.customers_seen else ""
        parts.append(f"{_count(blast.customers, 'customer')}{of}")
    if blast.sites > 1:
        parts.append(_count(blast.sites, "site"))
    if blast.releases:
        parts.append(_count(blast.releases, "release"))
    if blast.sessions:
        parts.append(_count(blast.sessions, "session"))
    return ", ".join(parts)


def say_moment(moment_ms: int) -> str:
    """A moment for people, in UTC."""
    return datetime.fromtimestamp(moment_ms / 1_000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def rfc3339(moment_ms: int) -> str:
    """A moment for programs."""
    return datetime.fromtimestamp(moment_ms / 1_000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _count(n: int, what: str) -> str:
    return f"{n:,} {what}" + ("" if n == 1 else "s")
