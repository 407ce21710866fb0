"""A session as planned before its story is told: its pages and their times, its tabs and ids."""

from dataclasses import dataclass, field
from hashlib import blake2b
from math import inf

from chatvitals.simulator.dice import Dice, Weighted
from chatvitals.simulator.fleet import Fleet, Visitor

MAX_SESSION_MS = 480_000.0
MAX_PAGES = 8
SHORTEST_PAGE_MS = 5_000.0

ARRIVALS = Weighted(("hard", "soft", "bfcache"), (70, 24, 6))


@dataclass(frozen=True, slots=True)
class PageVisit:
    """A stay on a page.

    `arrival` is how the page was come to: `first`, `stayed` where it was there all along, or one of the
    catalogue's types of navigation.
    """

    path: str
    arrival: str
    starts_ms: float
    ends_ms: float


@dataclass(slots=True)
class Tab:
    """A browser tab. `next_seq` is the ordinal of its next event, `batches` counts those it has sent."""

    id: str
    next_seq: int = 0
    batches: int = 0
    next_snapshot_ms: float = -inf


@dataclass(slots=True)
class Session:
    """`messages` counts the conversation's messages so far, those of earlier visits among them."""

    index: int
    id: str
    visitor: Visitor
    pages: tuple[PageVisit, ...]
    dice: Dice
    conversation_id: str
    heap_bytes: float
    holdout: bool
    stores: bool
    messages: int
    tabs: list[Tab] = field(default_factory=list)
    second_tab_ms: float | None = None

    @property
    def starts_ms(self) -> float:
        return self.pages[0].starts_ms

    @property
    def ends_ms(self) -> float:
        return self.pages[-1].ends_ms


def plan_session(index: int, seed: int, fleet: Fleet, starts_ms: float) -> Session:
    """Draw a visitor and plan the visit.

    Ids also depend on when the simulation began, so that no run repeats another's.
    """
    dice = Dice(f"{seed}/{index}")
    visitor = fleet.visitor(starts_ms, dice)
    pages = _plan_pages(visitor, starts_ms, dice)
    name = blake2b(f"{seed}/{fleet.start_ms}/{index}".encode(), digest_size=16).hexdigest()
    session = Session(
        index=index,
        id=name,
        visitor=visitor,
        pages=pages,
        dice=dice,
        conversation_id=name[::-1],
        heap_bytes=dice.around(visitor.persona.heap_mb or 0.0, 0.13) * 1_000_000,
        holdout=dice.chance(0.02),
        stores=not dice.chance(0.004),
        messages=visitor.history,
    )
    session.tabs.append(Tab(f"{name[:12]}-1"))
    if visitor.second_tab:
        session.tabs.append(Tab(f"{name[:12]}-2"))
        session.second_tab_ms = starts_ms + dice.between(0.1, 0.5) * (pages[0].ends_ms - starts_ms)
    return session


def _plan_pages(visitor: Visitor, starts_ms: float, dice: Dice) -> tuple[PageVisit, ...]:
    paths = visitor.customer.pages
    at, last = starts_ms, starts_ms + MAX_SESSION_MS
    path, arrival = paths[0] if dice.chance(0.5) else paths[dice.whole(0, len(paths))], "first"
    pages: list[PageVisit] = []
    for _ in range(1 + min(dice.several(visitor.habit.more_pages), MAX_PAGES - 1)):
        ends = min(at + max(dice.around(visitor.habit.page_ms, 0.5), SHORTEST_PAGE_MS), last)
        pages.append(PageVisit(path, arrival, at, ends))
        at = ends + dice.between(150, 900)
        if at > last - SHORTEST_PAGE_MS:
            break
        path, arrival = (
            paths[(paths.index(path) + dice.whole(1, len(paths))) % len(paths)],
            ARRIVALS.pick(dice),
        )
    return tuple(pages)
