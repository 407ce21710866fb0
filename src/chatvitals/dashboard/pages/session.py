"""`/dashboard/sessions/{session}`: the loss timeline of one session, across its tabs and pages."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from chatvitals.catalogue.kinds import MessageStage
from chatvitals.dashboard.elements.table import Pager
from chatvitals.dashboard.elements.timeline import Timeline, draw_timeline
from chatvitals.dashboard.naming import name_of
from chatvitals.dashboard.page import Download, File, Page, PageContext, Visit, help_
from chatvitals.dashboard.saying import clock_time, count, duration, plural
from chatvitals.dashboard.story.ledger import STAGES, Conversation, LedgerRun, lost_in_words
from chatvitals.dashboard.story.moment import Grade, Moment
from chatvitals.dashboard.story.reasons import named_reason
from chatvitals.dashboard.story.story import Story, tell_events, tell_story
from chatvitals.dashboard.story.verdict import Verdict
from chatvitals.dashboard.view import View
from chatvitals.errors import BadRequest, NotFound
from chatvitals.query.export import export
from chatvitals.query.request import MAX_WINDOW_MS, Question, Window, parse_whole
from chatvitals.query.session_events import MOST_EVENTS, SessionRecord, read_session

PATH = "/dashboard/sessions/{session}"
EVENT_ROWS = 500
"""A page of the list, where each event is told by itself."""

_DAY_MS = 86_400_000
_MOST_PAGES = 1_000
_STAGE_TITLES: dict[MessageStage, str] = {
    "sent": "Sent",
    "acked": "Acknowledged",
    "received": "Received",
    "rendered": "On screen",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that is known of the session; `moment_ms` is a time, told instead of `text`."""

    name: str
    text: str = ""
    moment_ms: int | None = None


@dataclass(frozen=True, slots=True)
class ListedMoment:
    """A moment as the list has it: its anchor, its time to the millisecond, the same after the session's start, what
    happened and what follows from it."""

    id: str
    at_ms: int
    clock: str
    after: str
    lasted: str
    lane: str
    page: str
    sort: str
    grade: Grade
    words: str
    meaning: str


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


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionContext(PageContext):
    """One session: what happened, in one sentence, in a drawing, and in words."""

    verdict: Verdict = help_("What happened, in a sentence or two, and how bad it is")
    facts: tuple[Fact, ...] = help_("What is known of the session as a whole")
    remarks: tuple[str, ...] = help_("What limits the story: gaps in the record, clocks, parts")
    timeline: Timeline = help_("The drawing of the moments, a lane for each tab")
    moments: tuple[ListedMoment, ...] = help_("The moments in the order of time")
    moments_said: str = help_("How many events these are")
    other_form: str = help_("A link to the list with each event by itself, or folded again")
    other_form_said: str = help_("What that link is called; empty where there is no other form")
    stage_titles: tuple[str, ...] = help_("The titles of a ledger's stages")
    ledgers: tuple[Ledger, ...] = help_("The ledgers of the conversations, those that lost most first")
    part: Pager | None = help_("Which events of a session with very many these are")
    list_part: Pager | None = help_("Which moments of a long list these are")
    events_href: str = help_("A link to the session's events as a file that `chatvitals import` takes")
    back: str = help_("A link to the sessions")


def session_path(session: int) -> str:
    """Where a session is."""
    return f"/dashboard/sessions/{session:016x}"


def build(visit: Visit) -> SessionContext:
    """Read the session wherever in time it is, and tell its story."""
    session = _session(visit.path["session"])
    part = parse_whole(visit.query.get("part", "1"), "part", 1, _MOST_PAGES)
    folded = visit.query.get("events") != "each"
    record = read_session(visit.parts.source.engine, _everywhere(visit), session, offset=(part - 1) * MOST_EVENTS)
    if record is None or not record.events:
        raise NotFound(
            f"There are no events of session #{session:016x}: it is of no site that is looked at, or older than events"
            " are kept."
        )
    story = tell_story(record)
    moments = story.moments if folded else tell_events(record)
    own = {"part": part if part > 1 else None}
    listed, list_part = _cut(moments, visit, {**own, "events": None if folded else "each"}, session)
    here = session_path(session)
    return SessionContext(
        heading=f"Session #{session:016x}",
        verdict=story.verdict,
        facts=_facts(record, story),
        remarks=story.remarks,
        timeline=draw_timeline(story, visit.view.tzinfo, lambda place: f"#{moment_id(place)}" if folded else ""),
        moments=listed,
        moments_said=plural(len(record.events), "event"),
        other_form=visit.view.href(here, **own, events="each" if folded else None),
        other_form_said=_other_form(story, folded),
        stage_titles=tuple(_STAGE_TITLES[stage] for stage in STAGES),
        ledgers=tuple(_ledger(number, each) for number, each in enumerate(story.conversations, 1)),
        part=_parts_pager(record, part, visit.view, here),
        list_part=list_part,
        events_href=visit.view.href(f"{here}/events"),
        back=visit.view.href("/dashboard/sessions"),
    )


def _session(text: str) -> int:
    digits = text.removeprefix("#").lower()
    if not re.fullmatch(r"[0-9a-f]{16}", digits):
        raise BadRequest(f"{text[:40]!r} is no session: its hash has 16 digits from 0-9 and a-f", "session")
    return int(digits, 16)


def _everywhere(visit: Visit) -> Question:
    """All times that events can be of, on the sites of the view: who follows a link may come much later."""
    sites = visit.view.filters.get("site")
    window = Window(max(visit.now_ms - MAX_WINDOW_MS, 0), visit.now_ms + _DAY_MS)
    return Question(window, {"site": sites} if sites else {})


def _facts(record: SessionRecord, story: Story) -> tuple[Fact, ...]:
    pages = {stay.page for lane in story.lanes for stay in lane.stays}
    told = {name: name_of(name, value) for name, value in record.dimensions.items() if name != "page" and value}
    return (
        Fact("Started", moment_ms=story.starts_ms),
        Fact("Lasted", duration(story.ends_ms - story.starts_ms)),
        Fact("Site", record.site),
        *(Fact("System" if name == "os" else name.capitalize(), value) for name, value in told.items()),
        Fact("Tabs", count(len(story.lanes))),
        Fact("Pages", count(len(pages))),
        Fact("Events", count(record.total)),
    )


def _other_form(story: Story, folded: bool) -> str:
    if not folded:
        return "Fold what happens all the time"
    return "Tell each event by itself" if any(moment.count > 1 for moment in story.moments) else ""


def _cut(
    moments: Sequence[Moment], visit: Visit, own: Mapping[str, str | int | None], session: int
) -> tuple[tuple[ListedMoment, ...], Pager | None]:
    """A page of the list, and links to its neighbours where there are any."""
    pages = max(1, -(-len(moments) // EVENT_ROWS))
    page = min(parse_whole(visit.query.get("page", "1"), "page", 1, _MOST_PAGES), pages)
    first = (page - 1) * EVENT_ROWS
    zone = visit.view.tzinfo
    shown = enumerate(moments[first : first + EVENT_ROWS], first)
    listed = tuple(_listed(place, moment, zone) for place, moment in shown)

    def link(to: int) -> str:
        return visit.view.href(session_path(session), **own, page=to if to > 1 else None)

    if pages == 1:
        return listed, None
    words = f"{count(first + 1)}–{count(first + len(listed))} of {plural(len(moments), 'moment')}"
    return listed, Pager(words, link(page - 1) if page > 1 else "", link(page + 1) if page < pages else "")


def _listed(place: int, moment: Moment, zone: tzinfo) -> ListedMoment:
    lasted_ms = moment.until_ms - moment.at_ms
    return ListedMoment(
        id=moment_id(place),
        at_ms=moment.at_ms,
        clock=f"{clock_time(moment.at_ms, zone)}.{moment.at_ms % 1_000:03}",
        after=_stopwatch(moment.after_ms),
        lasted=f"over {duration(lasted_ms)}" if lasted_ms else "",
        lane=f"Tab {moment.lane}",
        page=moment.page,
        sort=moment.sort.value,
        grade=moment.grade,
        words=_capital(moment.words),
        meaning=moment.meaning,
    )


def _stopwatch(after_ms: int) -> str:
    """As a stopwatch has it: +1:06.042."""
    seconds, ms = divmod(after_ms, 1_000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"+{hours}:{minutes:02}:{seconds:02}.{ms:03}" if hours else f"+{minutes}:{seconds:02}.{ms:03}"


def moment_id(place: int) -> str:
    """The anchor of a moment in the list."""
    return f"moment-{place}"


def _capital(words: str) -> str:
    """A sentence begins with a capital; what begins with a name in the code's spelling stays as it is."""
    return words[:1].upper() + words[1:]


def _ledger(number: int, conversation: Conversation) -> Ledger:
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
    return Ledger(f"{number}. {title}", tuple(map(_ledger_row, conversation.runs)), tuple(notes))


def _ledger_row(run: LedgerRun) -> LedgerRow:
    return LedgerRow(
        str(run.span),
        tuple(_of(run.told[stage], run.span.size) for stage in STAGES),
        f"lost: {lost_in_words(run.lost_at, run.span.size)}" if run.lost_at else run.fate,
        "bad" if run.lost_at else "warning" if run.fate == "sent, never acknowledged" else "",
    )


def _of(told: int, size: int) -> str:
    if not told:
        return "–"
    return "yes" if told == size == 1 else "all" if told == size else f"{count(told)} of {count(size)}"


def _parts_pager(record: SessionRecord, part: int, view: View, here: str) -> Pager | None:
    if not record.offset and not record.rest:
        return None
    return Pager(
        f"Events {count(record.offset + 1)}–{count(record.offset + len(record.events))} of {count(record.total)}",
        view.href(here, part=part - 1 if part > 2 else None) if part > 1 else "",
        view.href(here, part=part + 1) if record.rest else "",
    )


def _events(visit: Visit) -> File:
    """All of the session's events in the words of the wire, a line each."""
    session = _session(visit.path["session"])
    pieces = export(visit.parts.source.engine, _everywhere(visit), "ndjson", session)
    return File(f"session-{session:016x}.ndjson", "application/x-ndjson", b"".join(pieces))


PAGE = Page(PATH, "session", "Session", "session.html", build, live=False, filtered=False, section="sessions")
EVENTS = Download(f"{PATH}/events", _events)
