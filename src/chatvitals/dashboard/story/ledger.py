"""The ledger of a session's conversations: which ordinals were sent, stored, received, on screen, and lost where.

Ordinals number a conversation's messages; there is no content. Losses come with the ordinals that they concern, or only
with how many they are.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal, get_args

from chatvitals.catalogue.kinds import Loss, Message
from chatvitals.query.session_events import SessionEvent

Stage = Literal["sent", "stored", "acked", "received", "rendered"]
STAGES: tuple[Stage, ...] = get_args(Stage)
"""A message's way; `stored` is what the back end itself tells, where it does."""

MOST_RUNS = 200
"""A ledger shows so many runs of ordinals at most, and says how many more there are."""

_HOPS: dict[str, str] = {
    "save": "could not be saved",
    "restore": "{were} not found at restore",
    "sync": "{were} overwritten by another tab",
    "render": "never came on screen",
    "delivery": "never came to this browser",
}


def lost_in_words(hop: str, messages: int) -> str:
    """What a loss at a hop is for so many messages: "were not found at restore"."""
    return _HOPS[hop].format(were="was" if messages == 1 else "were")


@dataclass(frozen=True, slots=True)
class Span:
    """Ordinals from `first` to `last`, both among them."""

    first: int
    last: int

    @property
    def size(self) -> int:
        """How many ordinals these are."""
        return self.last - self.first + 1

    @property
    def named(self) -> str:
        """The ordinals in words: "ordinals 14 to 15"."""
        return f"ordinal {self}" if self.size == 1 else f"ordinals {self}"

    def __str__(self) -> str:
        return str(self.first) if self.size == 1 else f"{self.first} to {self.last}"


@dataclass(frozen=True, slots=True)
class Incident:
    """Losses alike of one conversation: how many times told, at which hop, and which ordinals.

    All ordinals of `spans` are lost, and `others` beside them: some of those in `among`, or with no ordinals told.
    `at_ms` is when the first was told, `place` its place among the session's events. `reached` are the stages that all
    of `spans` are told to have reached, where nothing else is lost; `arrived` says that the back end had each.
    """

    hop: str
    reason: str | None
    at_ms: int
    place: int
    times: int
    spans: tuple[Span, ...]
    among: tuple[Span, ...]
    others: int
    reached: frozenset[Stage]
    arrived: bool

    @property
    def lost(self) -> int:
        """How many messages are lost, each counted once as far as can be told."""
        return sum(span.size for span in self.spans) + self.others


@dataclass(frozen=True, slots=True)
class LedgerRun:
    """Neighbouring ordinals with the same fate; `told` counts for each stage how many of them were told of."""

    span: Span
    fate: str
    lost_at: str
    told: Mapping[Stage, int]


@dataclass(frozen=True, slots=True)
class Conversation:
    """`id` is hashed, and empty for messages that name none. `more` runs are left out; `duplicates` came twice."""

    id: str
    runs: tuple[LedgerRun, ...]
    incidents: tuple[Incident, ...]
    more: int
    duplicates: int

    @property
    def lost(self) -> int:
        """How many messages are lost, each counted once as far as can be told."""
        told = merge(span for incident in self.incidents for span in incident.spans)
        return sum(span.size for span in told) + sum(incident.others for incident in self.incidents)


@dataclass(slots=True)
class _Book:
    """What is written down of one conversation."""

    stages: dict[Stage, set[int]] = field(default_factory=lambda: {stage: set() for stage in STAGES})
    losses: list[tuple[int, int, Loss]] = field(default_factory=list)
    duplicates: int = 0


def keep_ledger(events: Sequence[SessionEvent]) -> list[Conversation]:
    """The ledgers of all conversations of events in order; those that lost most first."""
    books: dict[str, _Book] = {}
    for place, each in enumerate(events):
        match each.event:
            case Message() as message:
                book = books.setdefault(message.conversation_id or "", _Book())
                book.stages["stored" if each.by_back_end else message.stage].add(message.ordinal)
                book.duplicates += message.duplicate is True
            case Loss() as loss:
                books.setdefault(loss.conversation_id, _Book()).losses.append((place, each.at_ms, loss))
    conversations = [_conversation(id, book) for id, book in books.items()]
    return sorted(conversations, key=lambda conversation: -conversation.lost)


def _conversation(id: str, book: _Book) -> Conversation:
    incidents = _incidents(book)
    runs = _runs(book, incidents)
    return Conversation(id, tuple(runs[:MOST_RUNS]), incidents, max(0, len(runs) - MOST_RUNS), book.duplicates)


def _incidents(book: _Book) -> tuple[Incident, ...]:
    alike: dict[tuple[str, str | None], list[tuple[int, int, Loss]]] = {}
    for told in book.losses:
        alike.setdefault((told[2].hop, told[2].error_type), []).append(told)
    stages = {stage: sorted(ordinals) for stage, ordinals in book.stages.items()}
    arrivals = sorted(book.stages["stored"] | book.stages["acked"] | book.stages["received"])
    incidents = []
    for (hop, reason), own in alike.items():
        place, at_ms, _ = own[0]
        spans, among, others = _ordinals([loss for _, _, loss in own])
        sure = () if others else spans
        reached = frozenset(stage for stage in STAGES if _has_all(stages[stage], sure))
        arrived = _has_all(arrivals, sure)
        incidents.append(Incident(hop, reason, at_ms, place, len(own), spans, among, others, reached, arrived))
    return tuple(incidents)


def _ordinals(losses: Sequence[Loss]) -> tuple[tuple[Span, ...], tuple[Span, ...], int]:
    """The ordinals that are lost, those among which some are, and how many are beside the first.

    A loss tells its first and last ordinal, between which others may have come. It may be told at each start.
    """
    exact: list[Span] = []
    vague: set[tuple[Span, int]] = set()
    untold = 0
    for loss in losses:
        span = span_of(loss)
        if span is None:
            untold += loss.lost
        elif span.size == loss.lost:
            exact.append(span)
        else:
            vague.add((span, loss.lost))
    return merge(exact), merge(span for span, _ in vague), untold + sum(lost for _, lost in vague)


def _has_all(ordinals: Sequence[int], spans: Sequence[Span]) -> bool:
    """Whether sorted ordinals have all of some spans, of which there are any; without counting through these."""
    return bool(spans) and all(
        bisect_right(ordinals, span.last) - bisect_left(ordinals, span.first) == span.size for span in spans
    )


def span_of(loss: Loss) -> Span | None:
    """The ordinals of a loss, where it tells them."""
    if loss.first_seq is None or loss.last_seq is None or loss.last_seq < loss.first_seq:
        return None
    return Span(loss.first_seq, loss.last_seq)


def merge(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same ordinals in as few spans as they take, in order."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda span: span.first):
        if merged and span.first <= merged[-1].last + 1:
            merged[-1] = Span(merged[-1].first, max(merged[-1].last, span.last))
        else:
            merged.append(span)
    return tuple(merged)


def _runs(book: _Book, incidents: Sequence[Incident]) -> list[LedgerRun]:
    """Neighbours with the same fate, together. Never counts through a loss: its ordinals may be two billion."""
    borders = {border for told in book.stages.values() for ordinal in told for border in (ordinal, ordinal + 1)}
    borders |= {
        border for each in incidents for span in (*each.spans, *each.among) for border in (span.first, span.last + 1)
    }
    runs: list[LedgerRun] = []
    for first, after in pairwise(sorted(borders)):
        told = {stage: int(first in book.stages[stage]) for stage in STAGES}
        hop = next((each.hop for each in incidents if _is_lost(first, each, told)), "")
        fate = f"lost at {hop}" if hop else _fate(told)
        begins = first
        if runs and runs[-1].fate == fate:
            before = runs.pop()
            begins, told = before.span.first, {stage: before.told[stage] + told[stage] for stage in STAGES}
        runs.append(LedgerRun(Span(begins, after - 1), fate, hop, told))
    return runs


def _is_lost(ordinal: int, incident: Incident, told: Mapping[Stage, int]) -> bool:
    """Whether an ordinal is lost: among others it is only if it isn't told to have come further than the hop."""
    if _is_in(ordinal, incident.spans):
        return True
    came = told["rendered"] or (incident.hop == "delivery" and (told["received"] or told["acked"]))
    return not came and _is_in(ordinal, incident.among)


def _is_in(ordinal: int, spans: Sequence[Span]) -> bool:
    """Whether one of some spans in order has an ordinal."""
    place = bisect_right(spans, ordinal, key=lambda span: span.first)
    return place > 0 and ordinal <= spans[place - 1].last


def _fate(told: Mapping[Stage, int]) -> str:
    """What became of an ordinal that isn't told to be lost."""
    arrived = told["acked"] or told["received"]
    if told["sent"] and not arrived:
        return "sent, never acknowledged"
    if told["rendered"]:
        return "on screen"
    if arrived:
        return "arrived, not told to be on screen"
    if told["stored"]:
        return "at the back end, not told to have come here"
    return "nothing told"
