"""A session's story as a drawing: a lane for each browser tab over a common time. Pure geometry.

The list of moments says the same in words; the drawing is for those who see it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from chatvitals.dashboard.elements.time_axis import TimeAxis, make_axis
from chatvitals.dashboard.saying import clock_time, duration
from chatvitals.dashboard.story.lanes import Lane, Stay
from chatvitals.dashboard.story.moment import Grade, Moment, Sort
from chatvitals.dashboard.story.story import Story

WIDTH = 1_200
NAMES_WIDTH = 96.0
AXIS_HEIGHT = 28.0
PAGES_HEIGHT = 22.0
ROW_HEIGHT = 22.0
LANE_GAP = 14.0
MOST_LANES = 8
MOST_LOSS_LINES = 30
_EDGE = 34.0
_LEAST_GAP_WIDTH = 8.0
_LETTER_WIDTH = 6.6

ROWS: tuple[tuple[str, tuple[Sort, ...]], ...] = (
    ("Messages", (Sort.MESSAGE, Sort.LOSS, Sort.GAP)),
    ("Kept", (Sort.STORAGE, Sort.RESTORE, Sort.NAVIGATION)),
    ("Page", (Sort.START, Sort.SCREEN, Sort.LEFT, Sort.ERROR, Sort.OTHER)),
    ("Network", (Sort.CONNECTION, Sort.API, Sort.TABS)),
)
"""The rows of each lane, and what is marked in them."""

_ROW_OF = {sort: row for row, (_, sorts) in enumerate(ROWS) for sort in sorts}
LANE_HEIGHT = PAGES_HEIGHT + ROW_HEIGHT * len(ROWS)


@dataclass(frozen=True, slots=True)
class Text:
    """Text with the middle of its line at `y`."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle, and what it is."""

    x: float
    y: float
    width: float
    height: float
    words: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment: `path` draws its shape, `run` the line along which it goes on; `href` is where the list has it."""

    href: str
    grade: Grade
    path: str
    run: str
    words: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """What to draw, in units of which it is `width` wide and `height` high; `more` lanes are left out."""

    width: int
    height: float
    ticks: tuple[Text, ...]
    breaks: tuple[Text, ...]
    names: tuple[Text, ...]
    pages: tuple[Box, ...]
    page_names: tuple[Text, ...]
    gaps: tuple[Box, ...]
    losses: tuple[float, ...]
    marks: tuple[Mark, ...]
    more: int


def draw_timeline(story: Story, zone: tzinfo, href: Callable[[int], str]) -> Timeline:
    """The drawing of a story; `zone` is that of its clock times, `href` where its moments are listed, if they are."""
    lanes = story.lanes[:MOST_LANES]
    times = sorted({time for moment in story.moments for time in (moment.at_ms, moment.until_ms)})
    axis = make_axis(times, NAMES_WIDTH + _EDGE, WIDTH - _EDGE)
    height = AXIS_HEIGHT + len(lanes) * (LANE_HEIGHT + LANE_GAP)
    shown = [(place, moment) for place, moment in enumerate(story.moments) if moment.lane <= len(lanes)]
    return Timeline(
        width=WIDTH,
        height=height,
        ticks=tuple(Text(x, AXIS_HEIGHT / 2, clock_time(at_ms, zone)) for x, at_ms in axis.ticks()),
        breaks=tuple(Text(x, AXIS_HEIGHT / 2, duration(idle_ms)) for x, idle_ms in axis.breaks()),
        names=tuple(name for lane in lanes for name in _names(lane)),
        pages=tuple(_page(stay, lane, axis) for lane in lanes for stay in lane.stays),
        page_names=tuple(name for lane in lanes for stay in lane.stays for name in _page_name(stay, lane, axis)),
        gaps=tuple(_gap(moment, axis) for _, moment in shown if moment.sort is Sort.GAP),
        losses=_loss_lines([moment for _, moment in shown], axis),
        marks=tuple(_mark(href(place), moment, axis) for place, moment in shown),
        more=len(story.lanes) - len(lanes),
    )


def _top(lane: int) -> float:
    return AXIS_HEIGHT + (lane - 1) * (LANE_HEIGHT + LANE_GAP)


def _names(lane: Lane) -> list[Text]:
    top = _top(lane.number)
    rows = [Text(8, top + PAGES_HEIGHT + (row + 0.5) * ROW_HEIGHT, name) for row, (name, _) in enumerate(ROWS)]
    return [Text(0, top + PAGES_HEIGHT / 2, lane.name), *rows]


def _page(stay: Stay, lane: Lane, axis: TimeAxis) -> Box:
    left = axis.x(stay.starts_ms)
    width = round(max(axis.x(stay.ends_ms) - left, 2.0), 1)
    name = stay.page or (lane.name if lane.by_back_end else "page not told")
    words = f"{name}, {duration(stay.ends_ms - stay.starts_ms)}"
    return Box(left, _top(lane.number), width, PAGES_HEIGHT - 4, words)


def _page_name(stay: Stay, lane: Lane, axis: TimeAxis) -> list[Text]:
    """The page's path, where its box has room for it."""
    box = _page(stay, lane, axis)
    fits = len(stay.page) * _LETTER_WIDTH < box.width - 8
    return [Text(box.x + 4, box.y + box.height / 2, stay.page)] if stay.page and fits else []


def _gap(moment: Moment, axis: TimeAxis) -> Box:
    left = axis.x(moment.at_ms)
    width = round(max(axis.x(moment.until_ms) - left, _LEAST_GAP_WIDTH), 1)
    return Box(left, _top(moment.lane) + PAGES_HEIGHT, width, ROW_HEIGHT * len(ROWS), moment.words)


def _loss_lines(moments: Sequence[Moment], axis: TimeAxis) -> tuple[float, ...]:
    lines = dict.fromkeys(axis.x(moment.at_ms) for moment in moments if moment.sort is Sort.LOSS)
    return tuple(lines)[:MOST_LOSS_LINES]


def _mark(href: str, moment: Moment, axis: TimeAxis) -> Mark:
    x = axis.x(moment.at_ms)
    y = _top(moment.lane) + PAGES_HEIGHT + (_ROW_OF[moment.sort] + 0.5) * ROW_HEIGHT
    end = axis.x(moment.until_ms)
    run = f"M{x} {y}H{end}" if end > x else ""
    return Mark(href, moment.grade, _shape(moment.grade, x, y), run, f"{duration(moment.after_ms)}: {moment.words}")


def _shape(grade: Grade, x: float, y: float) -> str:
    """A small dot for what happens all the time; a circle, a triangle and a square for good, warning and bad."""
    match grade:
        case "good":
            return _circle(x, y, 4.5)
        case "warning":
            return f"M{x} {y - 6}l6 11h-12z"
        case "bad":
            return f"M{round(x - 5, 1)} {y - 5}h10v10h-10z"
    return _circle(x, y, 2.5)


def _circle(x: float, y: float, radius: float) -> str:
    return (
        f"M{round(x - radius, 1)} {y}a{radius} {radius} 0 1 0 {2 * radius} 0a{radius} {radius} 0 1 0 {-2 * radius} 0z"
    )
