"""What the templates show of a notification: words, already formatted."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chatvitals.catalogue.severities import Severity
from chatvitals.catalogue.units import in_words
from chatvitals.notify.message import Notification, Reason, Told
from chatvitals.notify.wording import SAID_ELSEWHERE, lead_of, on_what, say_blast, say_moment, say_rest, shown
from chatvitals.store.control.incidents import Blast

SHAPES: Mapping[Severity, str] = {
    Severity.INFO: "●",
    Severity.WARNING: "▲",
    Severity.ERROR: "■",
    Severity.CRITICAL: "■",
}
"""A shape beside each colour and word: nobody has to tell colours apart."""

_REASONS: Mapping[Reason, str] = {
    Reason.OPENED: "",
    Reason.CHANGED: "more of it, or graver",
    Reason.REPEATED: "still open",
    Reason.ESCALATED: "nobody has acknowledged it",
    Reason.RESOLVED: "",
    Reason.TEST: "only a test",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One incident. `state` is its severity or `resolved`; `facts` are label and text, in the order of their weight."""

    state: str
    shape: str
    title: str
    message: str
    facts: tuple[tuple[str, str], ...]
    url: str
    runbook: str


@dataclass(frozen=True, slots=True)
class View:
    """A whole message. `summary` is the line that mail programs show beside the subject; `rest` says how many more
    incidents there are."""

    subject: str
    summary: str
    state: str
    why: str
    receiver: str
    incidents: tuple[Shown, ...]
    rest: str
    url: str


def view_of(notification: Notification) -> View:
    """A notification in words."""
    return View(
        subject=_subject(notification),
        summary=_summary(notification),
        state=notification.severity if notification.open else "resolved",
        why=_why(notification),
        receiver=notification.receiver,
        incidents=tuple(_shown(told, notification.created_ms) for told in shown(notification)),
        rest=say_rest(notification),
        url=notification.url,
    )


def _subject(notification: Notification) -> str:
    """The same for all messages about a group: mail programs make threads of equal subjects."""
    titles = {told.title for told in notification.incidents}
    subject = on_what(titles.pop() if len(titles) == 1 else "Alerts", notification)
    return f"Test: {subject}" if notification.reason is Reason.TEST else subject


def _why(notification: Notification) -> str:
    over = any(told.resolved_ms is not None for told in notification.incidents)
    if notification.reason is Reason.CHANGED and over:
        return "some of it is over"
    return _REASONS[notification.reason]


def _summary(notification: Notification) -> str:
    if not notification.open:
        longest = max(_lasted_ms(told, notification.created_ms) for told in notification.incidents)
        return f"Resolved after {_length(longest)}."
    worst = lead_of(notification)
    more = len(notification.open) + notification.omitted - 1
    return f"{worst.severity.capitalize()}: {worst.message}" + (f", and {more} more" if more else "")


def _shown(told: Told, now_ms: int) -> Shown:
    resolved = told.resolved_ms is not None
    return Shown(
        state="resolved" if resolved else told.severity,
        shape="✓" if resolved else SHAPES[told.severity],
        title=told.title,
        message=told.message,
        facts=tuple(_facts(told, now_ms)),
        url=told.url,
        runbook=told.runbook,
    )


def _facts(told: Told, now_ms: int) -> Iterator[tuple[str, str]]:
    if told.value is not None and not told.details:
        limit = "" if told.threshold is None else f" (threshold {in_words(told.threshold, told.unit)})"
        yield "Value", in_words(told.value, told.unit) + limit
    touched = dict(_touched(told.blast))
    yield from touched.items()
    for name, value in told.details.items():
        yield _heading(name), _detail(value)
    for name, value in told.labels.items():
        if name not in SAID_ELSEWHERE and _heading(name) not in touched:
            yield _heading(name), value or "(none)"
    yield "Since", f"{say_moment(told.opened_ms)} ({_length(_lasted_ms(told, now_ms))})"
    if told.resolved_ms is not None:
        yield "Resolved", say_moment(told.resolved_ms)
    if told.acknowledged_by:
        yield "Acknowledged by", told.acknowledged_by


def _touched(blast: Blast) -> Iterator[tuple[str, str]]:
    if touched := say_blast(blast):
        yield "Touched", touched
    for noun, names, count in (
        ("customer", blast.customer_names, blast.customers),
        ("release", blast.release_names, blast.releases),
    ):
        if names:
            rest = f" and {count - len(names):,} more" if count > len(names) else ""
            yield _plural(noun, count).capitalize(), ", ".join(name or "(none)" for name in names) + rest


def _plural(noun: str, count: int) -> str:
    return noun if count == 1 else f"{noun}s"


def _heading(name: str) -> str:
    """A name of the API as a heading: `errorsByType` is "Errors by type"."""
    return re.sub(r"(?<=[a-z0-9])[A-Z](?![A-Z])", lambda found: f" {found[0].lower()}", name).capitalize()


def _detail(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_detail(part)}" for name, part in value.items())
    if isinstance(value, float):
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    return f"{value:,}" if isinstance(value, int) else str(value)


def _lasted_ms(told: Told, now_ms: int) -> int:
    return max(0, (now_ms if told.resolved_ms is None else told.resolved_ms) - told.opened_ms)


def _length(length_ms: int) -> str:
    """A length of time as people say it, to two units at most."""
    seconds = round(length_ms / 1_000)
    parts = []
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2]) or "0 s"
