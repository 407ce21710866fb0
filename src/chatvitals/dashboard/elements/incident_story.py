"""What happened to an incident, line by line, and who was told of it. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from chatvitals.catalogue.units import in_words
from chatvitals.dashboard.elements.alert import SeverityMark, say_blast, severity_mark
from chatvitals.notify.message import Reason
from chatvitals.notify.writing import decode
from chatvitals.store.control.incidents import Entry, EntryKind
from chatvitals.store.control.outbox import LetterRecord, LetterStatus

_HAPPENED = {
    EntryKind.OPENED: "Opened",
    EntryKind.UPDATED: "Goes on",
    EntryKind.ESCALATED: "Got graver",
    EntryKind.EASED: "Eased",
    EntryKind.ACKNOWLEDGED: "Acknowledged",
    EntryKind.RELEASED: "Acknowledgement taken back",
    EntryKind.NOTIFIED: "Told",
    EntryKind.COMMENTED: "Comment",
    EntryKind.RESOLVED: "Resolved",
    EntryKind.REOPENED: "Reopened",
}
STATUS_GRADES = {LetterStatus.WAITING: "warning", LetterStatus.DELIVERED: "good", LetterStatus.DEAD: "bad"}
STATUS_WORDS = {LetterStatus.WAITING: "waiting", LetterStatus.DELIVERED: "delivered", LetterStatus.DEAD: "given up"}
"""Of letters."""

_REASONS = {Reason.REPEATED: "reminder", Reason.ESCALATED: "escalation"}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryLine:
    """A line of the timeline. `figures` are the value and the threshold then; what isn't known is empty."""

    at_ms: int
    kind: str
    happened: str
    who: str
    words: str
    severity: SeverityMark | None
    figures: str
    blast: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldLine:
    """A letter about the incident; `grade` is of what became of it, and `error` why it isn't there."""

    receiver: str
    channel: str
    why: str
    status: str
    grade: str
    at_ms: int
    error: str
    href: str


def story_lines(entries: Iterable[Entry], unit: str) -> tuple[StoryLine, ...]:
    """The timeline, the newest first; `unit` is of the incident's figures."""
    return tuple(_line(entry, unit) for entry in entries)[::-1]


def told_lines(letters: Iterable[LetterRecord]) -> tuple[ToldLine, ...]:
    """Lines in the order of the letters."""
    return tuple(_told(letter) for letter in letters)


def say_figures(value: float | None, threshold: float | None, unit: str) -> str:
    """ "18.52ms, threshold 16ms"."""
    said = [] if value is None else [in_words(value, unit)]
    if threshold is not None:
        said.append(f"threshold {in_words(threshold, unit)}")
    return ", ".join(said)


def _line(entry: Entry, unit: str) -> StoryLine:
    return StoryLine(
        at_ms=entry.at_ms,
        kind=entry.kind.value,
        happened=_HAPPENED[entry.kind],
        who=entry.who,
        words=entry.words,
        severity=severity_mark(entry.severity) if entry.severity is not None else None,
        figures=say_figures(entry.value, entry.threshold, unit),
        blast=say_blast(entry.blast) if entry.blast is not None else "",
    )


def _told(letter: LetterRecord) -> ToldLine:
    reason = decode(letter.document).reason
    return ToldLine(
        receiver=letter.receiver,
        channel=letter.channel,
        why=_REASONS.get(reason, reason.value),
        status=STATUS_WORDS[letter.status],
        grade=STATUS_GRADES[letter.status],
        at_ms=letter.created_ms if letter.ended_ms is None else letter.ended_ms,
        error="" if letter.status is LetterStatus.DELIVERED else letter.error,
        href=f"/dashboard/outbox?status={letter.status.value}",
    )
