"""`/dashboard/sessions`: the sessions of a window, the worst first, and any session by its id."""

from dataclasses import dataclass
from functools import partial

from chatvitals.dashboard.elements.table import Link, Pager
from chatvitals.dashboard.naming import name_of
from chatvitals.dashboard.page import Page, PageContext, Visit, help_
from chatvitals.dashboard.pages.session import session_path
from chatvitals.dashboard.saying import count, duration, plural
from chatvitals.dashboard.story.moment import Grade
from chatvitals.dashboard.story.reasons import reason_in_words
from chatvitals.errors import BadRequest
from chatvitals.query.request import MAX_WINDOW_MS, Question, Window, parse_whole
from chatvitals.query.sessions import Happened, Sessions, SessionSummary, list_sessions, seek
from chatvitals.query.troubles import TROUBLES, TROUBLES_BY_NAME

PATH = "/dashboard/sessions"
LEAF_ROWS = 50
MOST_CHIPS = 3
"""So much of what went wrong is told in a row; the rest is counted."""

_MOST_LEAVES = 100_000
_DAY_MS = 86_400_000
_GRADES: dict[str, Grade] = {
    **dict.fromkeys(("loss", "identity", "restore", "navigation", "boot"), "bad"),
    **dict.fromkeys(("storage", "connection", "stream", "error", "api"), "warning"),
}
"""Bad is where a visitor lost something or never had it; what isn't here is told without a colour."""


@dataclass(frozen=True, slots=True)
class Chip:
    """Something that went wrong, and its most frequent reason: "2 failed restores · the storage is full"."""

    words: str
    grade: Grade


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session in the table. `more` counts the troubles that have no chip, `all` names every one."""

    href: str
    name: str
    chips: tuple[Chip, ...]
    more: int
    all: str
    ended_ms: int
    lasted: str
    customer: str
    release: str
    browser: str
    pages: str
    tabs: str
    events: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A trouble to look at alone."""

    value: str
    words: str
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionsContext(PageContext):
    """Sessions, the worst first, or those that were searched for."""

    action: str = help_("Where the search goes")
    search: str = help_("What is searched for, as it was typed")
    carried: tuple[tuple[str, str], ...] = help_("The parameters that the search carries along")
    choices: tuple[Choice, ...] = help_("What may have gone wrong, to look only at sessions in which it did")
    said: str = help_("How many sessions there are, in what time and order; empty beyond the last leaf")
    order: str = help_("What is worse than what")
    rows: tuple[SessionRow, ...] = help_("A leaf of the sessions")
    pager: Pager | None = help_("Links to the leaves before and after, where all don't fit on one")
    empty: str = help_("What it means that there are none")


def build(visit: Visit) -> SessionsContext:
    """Ask for a leaf of the sessions."""
    query, view = visit.query, visit.view
    search, wrong = query.get("q", "").strip(), query.get("wrong", "")
    if wrong and wrong not in TROUBLES_BY_NAME:
        raise BadRequest(f"wrong is {wrong[:40]!r}: give one of {', '.join(TROUBLES_BY_NAME)}", "wrong")
    leaf = parse_whole(query.get("leaf", "1"), "leaf", 1, _MOST_LEAVES)
    found = _ask(visit, search, wrong, leaf)
    link = partial(view.href, PATH, q=search or None, wrong=wrong or None)
    return SessionsContext(
        heading="Sessions",
        action=PATH,
        search=search,
        carried=view.parameters,
        choices=(
            Choice("", "anything or nothing", not wrong),
            *(Choice(trouble.name, trouble.many, trouble.name == wrong) for trouble in TROUBLES),
        ),
        said=_said(found, leaf, search),
        order=", then ".join(trouble.many for trouble in TROUBLES),
        rows=tuple(_row(visit, each) for each in found.sessions),
        pager=_pager(found, leaf, link),
        empty=_empty(leaf, search, wrong),
    )


def _ask(visit: Visit, search: str, wrong: str, leaf: int) -> Sessions:
    key = ("sessions", visit.view.parameters, search, wrong, leaf)
    return visit.parts.recent.by_cost(key, lambda: _read(visit, search, wrong, leaf))


def _read(visit: Visit, search: str, wrong: str, leaf: int) -> Sessions:
    """A search looks at all times, because who has an id rarely knows when it was; else the view's window counts."""
    engine, question = visit.parts.source.engine, visit.view.question(visit.now_ms)
    sought = None
    if search:
        sites = visit.view.filters.get("site")
        hashes = visit.parts.hash_session(search)
        sought = seek(search, [hashed for site, hashed in hashes.items() if sites is None or site in sites])
        window = Window(max(visit.now_ms - MAX_WINDOW_MS, 0), visit.now_ms + _DAY_MS)
        question = Question(window, {"site": sites} if sites else {})
    offset = (leaf - 1) * LEAF_ROWS
    return list_sessions(engine, question, limit=LEAF_ROWS, offset=offset, wrong=wrong or None, sought=sought)


def _row(visit: Visit, session: SessionSummary) -> SessionRow:
    chips = [_chip(happened, session) for happened in session.troubles]
    return SessionRow(
        href=visit.view.where("site", session.site).href(session_path(session.session)),
        name=f"#{session.session:016x}",
        chips=tuple(chips[:MOST_CHIPS]),
        more=max(0, len(chips) - MOST_CHIPS),
        all=", ".join(chip.words for chip in chips[MOST_CHIPS:]),
        ended_ms=session.ended_ms,
        lasted=duration(session.ended_ms - session.started_ms),
        customer=_named("customer", session.customers),
        release=_named("release", session.releases),
        browser=_named("browser", session.browsers),
        pages=count(session.pages),
        tabs=count(session.tabs),
        events=count(session.events),
    )


def _chip(happened: Happened, session: SessionSummary) -> Chip:
    trouble = TROUBLES_BY_NAME[happened.trouble]
    words = plural(happened.n, trouble.one, trouble.many)
    if happened.trouble == "loss":
        messages = plural(happened.n, "message")
        words = f"{messages} of {plural(session.conversations_lost, 'conversation')} lost"
    why = reason_in_words(happened.why)
    return Chip(f"{words} · {why}" if why else words, _GRADES.get(happened.trouble, ""))


def _named(dimension: str, values: tuple[str, ...]) -> str:
    return ", ".join(name_of(dimension, value) for value in values) or name_of(dimension, "")


def _pager(found: Sessions, leaf: int, link: Link) -> Pager | None:
    first = (leaf - 1) * LEAF_ROWS
    if found.total <= LEAF_ROWS and leaf == 1:
        return None
    words = f"{count(first + 1)}–{count(first + len(found.sessions))} of {count(found.total)}"
    return Pager(
        words if found.sessions else "after the last",
        link(leaf=leaf - 1 if leaf > 2 else None) if leaf > 1 else "",
        link(leaf=leaf + 1) if first + len(found.sessions) < found.total else "",
    )


def _said(found: Sessions, leaf: int, search: str) -> str:
    """How many there are, which a leaf beyond the last one can't tell."""
    if leaf > 1 and not found.sessions:
        return ""
    return f"{plural(found.total, 'session')}{' in all that is kept' if search else ''}, the worst first."


def _empty(leaf: int, search: str, wrong: str) -> str:
    if leaf > 1:
        return "There are no more sessions: go back to those before."
    if search:
        return (
            "No session has this id. It may be older than events are kept, or of a widget that wasn't given that id:"
            " without one of its own, each load of a page is a session."
        )
    if wrong:
        return f"No session of this window has {TROUBLES_BY_NAME[wrong].many}."
    return "No session was seen in this window."


PAGE = Page(PATH, "sessions", "Sessions", "sessions.html", build, single=True)
