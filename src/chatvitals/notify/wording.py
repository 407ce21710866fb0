"""How notifications read: headline, blast radius, moments. Plain text, without control characters. Pure."""

import unicodedata
from datetime import UTC, datetime

from chatvitals.notify.message import Notification, Reason, Told
from chatvitals.store.control.incidents import Blast

_SAFE_CONTROLS = "\n"


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
    """One line about all of it, as `[CRITICAL] Messages are lost on acme (and 2 more)`."""
    told = lead_of(notification)
    more = len(notification.incidents) - 1
    return f"[{state_of(notification)}] {one_line(told.title)}" + (f" (and {more} more)" if more else "")


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
