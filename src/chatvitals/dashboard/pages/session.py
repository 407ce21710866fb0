"""`/dashboard/sessions/{session}`: the loss timeline of one session, across its tabs and pages."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from chatvitals.dashboard.elements.ledger import STAGE_TITLES, Ledger, show_ledger
from chatvitals.dashboard.elements.moments import ListedMoment, list_moments, moment_id
from chatvitals.dashboard.elements.table import Pager
from chatvitals.dashboard.elements.timeline import Timeline, draw_timeline
from chatvitals.dashboard.naming import name_of
from chatvitals.dashboard.page import Download, File, Page, PageContext, Visit, help_
from chatvitals.dashboard.saying import count, duration, plural
from chatvitals.dashboard.story.story import Story, tell_events, tell_story
from chatvitals.dashboard.story.verdict import Verdict
from chatvitals.dashboard.view import View
from chatvitals.errors import BadRequest, NotFound
from chatvitals.query.export import export
from chatvitals.query.request import MAX_WINDOW_MS, Question, Window, parse_whole
from chatvitals.query.session_events import MOST_EVENTS, Journey, SessionRecord, find_journey, read_session

PATH = "/dashboard/sessions/{session}"
LEAF_ROWS = 500
"""So many moments are on a leaf of the list."""

_DAY_MS = 86_400_000
_MOST_LEAVES = 1_000


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that is known of the session; `moment_ms` is a time, told instead of `text`."""

    name: str
    text: str = ""
    moment_ms: int | None = None


@dataclass(frozen=True, slots=True)
class OtherForm:
    """A link to the same in another form, and what it is called."""

    href: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionContext(PageContext):
    """One session: what happened, in one sentence, in a drawing, and in words."""

    verdict: Verdict = help_("What happened, in a sentence or two, and how bad it is")
    facts: tuple[Fact, ...] = help_("What is known of the session as a whole")
    remarks: tuple[str, ...] = help_("What the story is of, and what limits it: gaps in the record, clocks, parts")
    timeline: Timeline = help_("The drawing of the moments, a lane for each tab")
    moments: tuple[ListedMoment, ...] = help_("The moments in the order of time")
    moments_said: str = help_("How many events these are")
    other_form: OtherForm | None = help_("The list with each event by itself, or folded again, where that differs")
    other_sessions: OtherForm | None = help_("The session alone, or with the others of its conversations again")
    stage_titles: tuple[str, ...] = help_("The titles of a ledger's stages")
    ledgers: tuple[Ledger, ...] = help_("The ledgers of the conversations, those that lost most first")
    part: Pager | None = help_("Which events of a session with very many these are")
    list_part: Pager | None = help_("Which moments of a long list these are")
    events_href: str = help_("A link to the sessions' own events as a file that `chatvitals import` takes")
    back: str = help_("A link to the sessions")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked of a session: alone or with those of its conversations, each event or runs, and which part."""

    session: int
    alone: bool
    each: bool
    part: int
    leaf: int

    def href(self, view: View, under: str = "") -> str:
        return view.href(
            f"{session_path(self.session)}{under}",
            alone="yes" if self.alone else None,
            events="each" if self.each else None,
            part=self.part if self.part > 1 else None,
            leaf=self.leaf if self.leaf > 1 else None,
        )


def session_path(session: int) -> str:
    """Where a session is."""
    return f"/dashboard/sessions/{session:016x}"


def build(visit: Visit) -> SessionContext:
    """Read the session wherever in time it is, with the others of its conversations, and tell the story."""
    asked, view = _read_question(visit.path, visit.query), visit.view
    journey = _journey(visit, asked.session)
    record = _read(visit, asked, journey)
    story = tell_story(record)
    moments = tell_events(record) if asked.each else story.moments
    first = (asked.leaf - 1) * LEAF_ROWS
    alone = len(record.sessions) == 1
    return SessionContext(
        heading=f"Session #{asked.session:016x}",
        verdict=story.verdict,
        facts=_facts(record, story),
        remarks=(*_together(record), *story.remarks),
        timeline=draw_timeline(story, view.tzinfo, lambda place: "" if asked.each else f"#{moment_id(place)}"),
        moments=list_moments(moments, first, LEAF_ROWS, story.lanes, view.tzinfo),
        moments_said=plural(len(record.events), "event"),
        other_form=_other_form(asked, story, view),
        other_sessions=_other_sessions(asked, len(journey.sessions), alone, view),
        stage_titles=STAGE_TITLES,
        ledgers=tuple(show_ledger(number, each) for number, each in enumerate(story.conversations, 1)),
        part=_parts_pager(asked, record, view),
        list_part=_list_pager(asked, len(moments), view),
        events_href=replace(asked, part=1, leaf=1, each=False).href(view, "/events"),
        back=view.href("/dashboard/sessions"),
    )


def _read_question(path: Mapping[str, str], query: Mapping[str, str]) -> _Asked:
    digits = path["session"].removeprefix("#").lower()
    if not re.fullmatch(r"[0-9a-f]{16}", digits):
        raise BadRequest(f"{path['session'][:40]!r} is no session: its hash has 16 digits from 0-9 and a-f", "session")
    part, leaf = (parse_whole(query.get(name, "1"), name, 1, _MOST_LEAVES) for name in ("part", "leaf"))
    return _Asked(int(digits, 16), query.get("alone") == "yes", query.get("events") == "each", part, leaf)


def _everywhere(visit: Visit) -> Question:
    """All times that events can be of, on the sites of the view: who follows a link may come much later."""
    sites = visit.view.filters.get("site")
    window = Window(max(visit.now_ms - MAX_WINDOW_MS, 0), visit.now_ms + _DAY_MS)
    return Question(window, {"site": sites} if sites else {})


def _journey(visit: Visit, session: int) -> Journey:
    return find_journey(visit.parts.source.engine, _everywhere(visit), session)


def _read(visit: Visit, asked: _Asked, journey: Journey) -> SessionRecord:
    told = Journey((asked.session,)) if asked.alone else journey
    offset = (asked.part - 1) * MOST_EVENTS
    record = read_session(visit.parts.source.engine, _everywhere(visit), told, offset=offset)
    if record is None or not record.events:
        raise NotFound(
            f"There are no events of session #{asked.session:016x}: it is of no site that is looked at, or older than"
            " events are kept."
        )
    return record


def _facts(record: SessionRecord, story: Story) -> tuple[Fact, ...]:
    pages = {stay.page for lane in story.lanes for stay in lane.stays if stay.page}
    told = {name: name_of(name, value) for name, value in record.dimensions.items() if name != "page" and value}
    return (
        Fact("Started", moment_ms=story.starts_ms),
        Fact("Lasted", duration(story.ends_ms - story.starts_ms)),
        Fact("Site", record.site),
        *(Fact("System" if name == "os" else name.capitalize(), value) for name, value in told.items()),
        Fact("Tabs", count(sum(not lane.by_back_end for lane in story.lanes))),
        Fact("Pages", count(len(pages))),
        Fact("Events", count(record.total)),
    )


def _together(record: SessionRecord) -> tuple[str, ...]:
    others = len(record.sessions) - 1
    if not others:
        return ()
    return (
        f"Told together with {plural(others, 'other session')} of the same conversation, shortly before or after:"
        " where a widget names no session, each load of a page is one.",
    )


def _other_form(asked: _Asked, story: Story, view: View) -> OtherForm | None:
    if asked.each:
        return OtherForm(replace(asked, each=False, leaf=1).href(view), "Fold what happens all the time")
    if any(moment.count > 1 for moment in story.moments):
        return OtherForm(replace(asked, each=True, leaf=1).href(view), "Tell each event by itself")
    return None


def _other_sessions(asked: _Asked, sessions: int, alone: bool, view: View) -> OtherForm | None:
    if sessions == 1:
        return None
    href = replace(asked, alone=not alone, part=1, leaf=1).href(view)
    return OtherForm(href, f"Tell all {count(sessions)} sessions together" if alone else "This session alone")


def _parts_pager(asked: _Asked, record: SessionRecord, view: View) -> Pager | None:
    if not record.offset and not record.rest:
        return None
    last = record.offset + len(record.events)
    return Pager(
        f"Events {count(record.offset + 1)}–{count(last)} of {count(record.total)}",
        replace(asked, part=asked.part - 1, leaf=1).href(view) if asked.part > 1 else "",
        replace(asked, part=asked.part + 1, leaf=1).href(view) if record.rest else "",
    )


def _list_pager(asked: _Asked, moments: int, view: View) -> Pager | None:
    if moments <= LEAF_ROWS:
        return None
    first = (asked.leaf - 1) * LEAF_ROWS
    return Pager(
        f"{count(first + 1)}–{count(min(first + LEAF_ROWS, moments))} of {plural(moments, 'moment')}",
        replace(asked, leaf=asked.leaf - 1).href(view) if asked.leaf > 1 else "",
        replace(asked, leaf=asked.leaf + 1).href(view) if first + LEAF_ROWS < moments else "",
    )


def _events(visit: Visit) -> File:
    """All of the events in the words of the wire, a line each."""
    asked = _read_question(visit.path, visit.query)
    sessions = (asked.session,) if asked.alone else _journey(visit, asked.session).sessions
    pieces = export(visit.parts.source.engine, _everywhere(visit), "ndjson", sessions)
    return File(f"session-{asked.session:016x}.ndjson", "application/x-ndjson", b"".join(pieces))


PAGE = Page(PATH, "session", "Session", "session.html", build, live=False, filtered=False, section="sessions")
EVENTS = Download(f"{PATH}/events", _events)
