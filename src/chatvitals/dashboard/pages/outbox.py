"""`/dashboard/outbox`: what waits to be told, what was delivered, and what was given up and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from chatvitals.dashboard.elements.incident_story import STATUS_GRADES, STATUS_WORDS
from chatvitals.dashboard.page import Action, Done, Page, PageContext, Visit, help_
from chatvitals.dashboard.saying import plural
from chatvitals.dashboard.view import segment
from chatvitals.errors import BadRequest
from chatvitals.notify.resending import resend_letter
from chatvitals.notify.wording import headline
from chatvitals.notify.writing import decode
from chatvitals.store.control.outbox import LetterRecord, LetterStatus

PATH = "/dashboard/outbox"
MOST_SHOWN = 200

_WORDS: dict[LetterStatus | Literal[""], str] = {
    "": "All",
    LetterStatus.WAITING: "Waiting",
    LetterStatus.DEAD: "Given up",
    LetterStatus.DELIVERED: "Delivered",
}
_EMPTY: dict[LetterStatus | Literal[""], str] = {
    "": "Nothing waits, and nothing was delivered or given up lately: what is older isn't kept.",
    LetterStatus.WAITING: "Nothing waits: all that was to be told is told.",
    LetterStatus.DEAD: "Nothing was given up.",
    LetterStatus.DELIVERED: "Nothing was delivered in the last 30 days.",
}


@dataclass(frozen=True, slots=True)
class StatusTab:
    """A link to the letters of one status."""

    words: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterRow:
    """A notification on its way through one channel.

    `href` leads to its first alert, where it is about one. `moment_ms` is when it ended, or when it is tried next;
    `resend` is the path of the action that has a dead one sent again, else empty.
    """

    id: str
    headline: str
    href: str
    receiver: str
    channel: str
    status: str
    grade: str
    attempts: str
    created_ms: int
    moment_word: str
    moment_ms: int
    error: str
    resend: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxContext(PageContext):
    """Letters of one status, or of all, the newest first."""

    tabs: tuple[StatusTab, ...] = help_("The statuses there are")
    letters: tuple[LetterRow, ...] = help_("The newest letters of the chosen status")
    limit: int = help_("So many are shown at most")
    empty: str = help_("What it means where there is none")


def build(visit: Visit) -> OutboxContext:
    """Read letters. Raises BadRequest for a status that there isn't."""
    status = _status(visit.query.get("status", ""))
    letters = visit.parts.outbox.find(MOST_SHOWN, status or None)
    return OutboxContext(
        heading="Outbox",
        tabs=tuple(
            StatusTab(words, visit.view.href(PATH, status=str(value) or None), value == status)
            for value, words in _WORDS.items()
        ),
        letters=tuple(_row(letter) for letter in letters),
        limit=MOST_SHOWN,
        empty=_EMPTY[status],
    )


def _status(text: str) -> LetterStatus | Literal[""]:
    try:
        return LetterStatus(text) if text else ""
    except ValueError as error:
        raise BadRequest(f"status is one of {', '.join(LetterStatus)}", "status") from error


def _row(letter: LetterRecord) -> LetterRow:
    notification = decode(letter.document)
    ended = letter.ended_ms
    return LetterRow(
        id=letter.id,
        headline=headline(notification),
        href=f"/dashboard/alerts/{segment(notification.incidents[0].incident)}" if notification.incidents else "",
        receiver=letter.receiver,
        channel=letter.channel,
        status=STATUS_WORDS[letter.status],
        grade=STATUS_GRADES[letter.status],
        attempts=plural(letter.attempts, "attempt"),
        created_ms=letter.created_ms,
        moment_word="next try" if ended is None else "ended",
        moment_ms=letter.due_ms if ended is None else ended,
        error="" if letter.status is LetterStatus.DELIVERED else letter.error,
        resend=f"{PATH}/{segment(letter.id)}/resend" if letter.status is LetterStatus.DEAD else "",
    )


def resend(visit: Visit, _fields: Mapping[str, str]) -> Done:
    """Let a dead letter be tried again from the start. Raises NotFound, Conflict."""
    letter = resend_letter(visit.parts.outbox, visit.path["id"], visit.now_ms)
    visit.parts.wake_postman()
    return Done(f"It is sent again to {letter.receiver} by {letter.channel}")


PAGE = Page(PATH, "outbox", "Outbox", "outbox.html", build, filtered=False, section="rules")
ACTIONS = (Action(f"{PATH}/{{id}}/resend", resend),)
