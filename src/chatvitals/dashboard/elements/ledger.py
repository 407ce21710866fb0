"""The ledger of a conversation as a table: a line for neighbouring ordinals with the same fate. Pure."""

from dataclasses import dataclass

from chatvitals.dashboard.saying import count, plural
from chatvitals.dashboard.story.ledger import STAGES, Conversation, LedgerRun, Stage, lost_in_words
from chatvitals.dashboard.story.moment import Grade
from chatvitals.dashboard.story.reasons import named_reason

_TITLES: dict[Stage, str] = {
    "sent": "Sent",
    "stored": "At the back end",
    "acked": "Acknowledged",
    "received": "Received",
    "rendered": "On screen",
}
STAGE_TITLES: tuple[str, ...] = tuple(_TITLES[stage] for stage in STAGES)

_DOUBTFUL = ("sent, never acknowledged", "at the back end, not told to have come here")


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """Some ordinals: at each stage how many of them were told, and what became of them."""

    ordinals: str
    stages: tuple[str, ...]
    fate: str
    grade: Grade


@dataclass(frozen=True, slots=True)
class Ledger:
    """The ledger of one conversation; `notes` are sentences on its losses, and on what isn't in the rows."""

    title: str
    rows: tuple[LedgerRow, ...]
    notes: tuple[str, ...]


def show_ledger(number: int, conversation: Conversation) -> Ledger:
    """The ledger of the conversation that is the `number`th of its session."""
    title = f"Conversation {conversation.id}" if conversation.id else "Messages that name no conversation"
    notes = [
        f"{plural(incident.lost, 'message')} {lost_in_words(incident.hop, incident.lost)}"
        f"{f' ({named_reason(incident.reason)})' if incident.reason else ''}, told {plural(incident.times, 'time')}."
        for incident in conversation.incidents
    ]
    if conversation.duplicates:
        notes.append(f"{plural(conversation.duplicates, 'step')} came twice.")
    if conversation.more:
        notes.append(f"{plural(conversation.more, 'more run')} of ordinals left out.")
    return Ledger(f"{number}. {title}", tuple(map(_row, conversation.runs)), tuple(notes))


def _row(run: LedgerRun) -> LedgerRow:
    return LedgerRow(
        str(run.span),
        tuple(_of(run.told[stage], run.span.size) for stage in STAGES),
        f"lost: {lost_in_words(run.lost_at, run.span.size)}" if run.lost_at else run.fate,
        "bad" if run.lost_at else "warning" if run.fate in _DOUBTFUL else "",
    )


def _of(told: int, size: int) -> str:
    if not told:
        return "–"
    return "yes" if told == size == 1 else "all" if told == size else f"{count(told)} of {count(size)}"
