"""The whole story of a session's record."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chatvitals.catalogue.kinds import Sdk
from chatvitals.dashboard.saying import count, duration, plural
from chatvitals.dashboard.story.fold import fold, unfolded
from chatvitals.dashboard.story.gaps import Gap, find_gaps
from chatvitals.dashboard.story.lanes import Lane, Lanes, lay_lanes
from chatvitals.dashboard.story.ledger import Conversation, keep_ledger
from chatvitals.dashboard.story.moment import Moment, Sort, Told
from chatvitals.dashboard.story.order import on_one_clock
from chatvitals.dashboard.story.piece import Piece
from chatvitals.dashboard.story.saves import explain_saves
from chatvitals.dashboard.story.tellers import tell
from chatvitals.dashboard.story.verdict import Verdict, judge
from chatvitals.query.session_events import SessionEvent, SessionRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What happened in a session, from `starts_ms` to `ends_ms` (Unix ms).

    `moments` are in the order of time, over all lanes; `conversations` are the ledgers; `gaps` is what the record
    lacks; `remarks` say what limits all of this.
    """

    starts_ms: int
    ends_ms: int
    verdict: Verdict
    lanes: tuple[Lane, ...]
    moments: tuple[Moment, ...]
    conversations: tuple[Conversation, ...]
    gaps: tuple[Gap, ...]
    remarks: tuple[str, ...]


def tell_story(record: SessionRecord) -> Story:
    """The story of a record that has at least one event, with what happens all the time folded into runs."""
    events = on_one_clock(record.events)
    lanes, gaps, conversations = lay_lanes(events), _gaps(record, events), keep_ledger(events)
    return Story(
        starts_ms=events[0].at_ms,
        ends_ms=events[-1].at_ms,
        verdict=_verdict(record, events, gaps, conversations),
        lanes=lanes.lanes,
        moments=tuple(fold(_pieces(events, gaps, lanes), events[0].at_ms)),
        conversations=tuple(conversations),
        gaps=tuple(gaps),
        remarks=tuple(_remarks(record, events, gaps)),
    )


def tell_events(record: SessionRecord) -> tuple[Moment, ...]:
    """A moment for each event of a record that has at least one, and for each gap."""
    events = on_one_clock(record.events)
    return tuple(unfolded(_pieces(events, _gaps(record, events), lay_lanes(events)), events[0].at_ms))


def _verdict(
    record: SessionRecord, events: Sequence[SessionEvent], gaps: Sequence[Gap], conversations: Sequence[Conversation]
) -> Verdict:
    """Of a record that lacks events nobody can say that all was good."""
    verdict = judge(events, conversations, record.dimensions)
    whole = not (gaps or record.offset or record.rest)
    return verdict if whole or verdict.grade != "good" else replace(verdict, grade="")


def _gaps(record: SessionRecord, events: Sequence[SessionEvent]) -> list[Gap]:
    return find_gaps(events, from_the_start=record.offset == 0)


def _pieces(events: Sequence[SessionEvent], gaps: Sequence[Gap], lanes: Lanes) -> list[Piece]:
    told = explain_saves(events, [tell(each) for each in events])
    happened = [
        Piece(each.at_ms, each.at_ms, lanes.numbers[each.tab], each.page, said)
        for each, said in zip(events, told, strict=True)
    ]
    before = [_lack(gap, lanes) for gap in gaps if not gap.first]
    between = [_lack(gap, lanes) for gap in gaps if gap.first]
    return sorted([*before, *happened, *between], key=lambda piece: piece.at_ms)


def _lack(gap: Gap, lanes: Lanes) -> Piece:
    return Piece(gap.from_ms, gap.until_ms, lanes.numbers[gap.tab], gap.page, _tell_gap(gap))


def _tell_gap(gap: Gap) -> Told:
    ordinals = f"event {gap.first}" if gap.missing == 1 else f"events {gap.first} to {gap.last}"
    return Told(
        sort=Sort.GAP,
        words=f"{plural(gap.missing, 'event')} missing here: {ordinals} of this tab did not come",
        many="gaps in the record",
        grade="warning",
        meaning="What happened between isn't told.",
        value=gap.missing,
        unit="events",
    )


def _remarks(record: SessionRecord, events: Sequence[SessionEvent], gaps: Sequence[Gap]) -> list[str]:
    remarks: list[str] = []
    if record.offset or record.rest:
        first, last = record.offset + 1, record.offset + len(record.events)
        remarks.append(
            f"These are events {count(first)} to {count(last)} of {count(record.total)}; the verdict and the ledger"
            " know of no others."
        )
    missing = sum(gap.missing for gap in gaps)
    if missing:
        remarks.append(
            f"{plural(missing, 'event is', 'events are')} missing in this record, so there may be more than it tells."
        )
    browsers = [each for each in events if not each.by_back_end]
    if any(each.seq < 0 for each in browsers):
        remarks.append("Some events came without ordinals, so nobody can say whether others are missing.")
    skew_ms = browsers[0].skew_ms if browsers else 0
    if any(each.skew_ms != skew_ms for each in browsers):
        remarks.append("The browser's clock was set meanwhile, so the order around that may be wrong.")
    elif skew_ms:
        way = "behind" if skew_ms > 0 else "ahead"
        remarks.append(f"The browser's clock was {duration(abs(skew_ms))} {way}; the times here are corrected.")
    if not any(isinstance(each.event, Sdk) for each in events):
        remarks.append("Nothing tells when these pages were hidden or left.")
    return remarks
