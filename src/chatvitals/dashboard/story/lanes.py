"""The browser tabs of a session and the pages that each was on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chatvitals.catalogue.kinds import Navigation
from chatvitals.query.session_events import SessionEvent

OVERLAP_MS = 1_000
"""A page may tell its last so long after the next one told its first."""


@dataclass(frozen=True, slots=True)
class Stay:
    """A stay on a page, from its first event to its last. Unix ms."""

    page: str
    starts_ms: int
    ends_ms: int


@dataclass(frozen=True, slots=True)
class Lane:
    """One browser tab, as far as is told, or the back end: its number from 1, its name, and its stays in order."""

    number: int
    name: str
    stays: tuple[Stay, ...]
    by_back_end: bool = False


@dataclass(frozen=True, slots=True)
class Lanes:
    """The lanes of a session, and in which of them each tab id is."""

    lanes: tuple[Lane, ...]
    numbers: dict[int, int]


@dataclass(frozen=True, slots=True)
class _Run:
    """What has one tab id: with the SDK one load of a page, with other senders a whole browser tab."""

    tab: int
    stays: tuple[Stay, ...]
    came_from: str | None
    by_back_end: bool

    @property
    def starts_ms(self) -> int:
        return self.stays[0].starts_ms

    def goes_on(self, stays: Sequence[Stay]) -> bool:
        """Whether it came from where these ended: only a page change that says so tells."""
        last = stays[-1]
        return (
            self.came_from is not None and self.came_from == last.page and last.ends_ms - OVERLAP_MS <= self.starts_ms
        )


def lay_lanes(events: Sequence[SessionEvent]) -> Lanes:
    """The lanes of events that are in order.

    The SDK has another tab id after each load of a page; the navigation that it tells then says where it came from, and
    so which lane goes on. Where nothing is told, a lane of its own begins. The back end's lane is the last.
    """
    lanes: list[list[Stay]] = []
    numbers: dict[int, int] = {}
    runs = _runs(events)
    for run in (run for run in runs if not run.by_back_end):
        going_on = [place for place, stays in enumerate(lanes) if run.goes_on(stays)]
        place = max(going_on, key=lambda place: lanes[place][-1].ends_ms, default=len(lanes))
        if place == len(lanes):
            lanes.append([])
        lanes[place] += run.stays
        numbers[run.tab] = place + 1
    named = [Lane(place, f"Tab {place}", tuple(stays)) for place, stays in enumerate(lanes, 1)]
    for run in (run for run in runs if run.by_back_end):
        named.append(Lane(len(named) + 1, "Back end", run.stays, by_back_end=True))
        numbers[run.tab] = len(named)
    return Lanes(tuple(named), numbers)


def _runs(events: Sequence[SessionEvent]) -> list[_Run]:
    """By tab id, in the order of their beginning."""
    by_tab: dict[int, list[SessionEvent]] = {}
    for event in events:
        by_tab.setdefault(event.tab, []).append(event)
    return [_Run(tab, _stays(own), _origin(own), own[0].by_back_end) for tab, own in by_tab.items()]


def _stays(events: Sequence[SessionEvent]) -> tuple[Stay, ...]:
    stays: list[Stay] = []
    for event in events:
        if stays and stays[-1].page == event.page:
            stays[-1] = replace(stays[-1], ends_ms=event.at_ms)
        else:
            stays.append(Stay(event.page, event.at_ms, event.at_ms))
    return tuple(stays)


def _origin(events: Sequence[SessionEvent]) -> str | None:
    """The page before the first one, where its load tells it."""
    for each in events:
        match each.event:
            case Navigation(type="hard", origin=origin) if each.page == events[0].page:
                return origin
    return None
