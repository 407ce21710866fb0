"""Sparklines: the course of a figure in the space of a word. Gaps stay gaps."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from chatvitals.dashboard.saying import show

WIDTH, HEIGHT = 120, 28
_MARGIN = 2.0


@dataclass(frozen=True, slots=True)
class Sparkline:
    """`path` is what an SVG path draws within `width` by `height`; `words` say the same to those who don't see it."""

    points: tuple[float | None, ...]
    path: str
    width: int
    height: int
    words: str


def draw_sparkline(points: Sequence[float | None], unit: str, *, zero_based: bool = False) -> Sparkline | None:
    """The line through `points`, the oldest first; None where none of them was measured.

    From the least to the greatest value, or from zero where that is the least that can be.
    """
    known = [point for point in points if point is not None]
    if not known:
        return None
    least, greatest = min(known), max(known)
    bottom = min(0.0, least) if zero_based else least
    path = _path(points, bottom, max(greatest, 0.0) if zero_based else greatest)
    return Sparkline(tuple(points), path, WIDTH, HEIGHT, _words(known, least, greatest, unit))


def _path(points: Sequence[float | None], bottom: float, top: float) -> str:
    """A subpath for each run of measured points. A lone one is a line of no length: its round ends make a dot."""
    across = (WIDTH - 2 * _MARGIN) / max(1, len(points) - 1)
    room = HEIGHT - 2 * _MARGIN

    def place(index: int, value: float) -> str:
        part = (value - bottom) / (top - bottom) if top > bottom else 0.0 if value == 0 else 0.5
        return f"{_MARGIN + index * across:.1f} {HEIGHT - _MARGIN - min(1.0, max(0.0, part)) * room:.1f}"

    runs = ("L".join(place(index, value) for index, value in run) for run in _runs(points))
    return "".join(f"M{run}" if "L" in run else f"M{run}h0" for run in runs)


def _runs(points: Iterable[float | None]) -> Iterable[list[tuple[int, float]]]:
    """Neighbouring points that were measured, with their places."""
    for measured, run in groupby(enumerate(points), key=lambda point: point[1] is not None):
        if measured:
            yield [(index, value) for index, value in run if value is not None]


def _words(known: Sequence[float], least: float, greatest: float, unit: str) -> str:
    if least == greatest:
        return f"{show(least, unit).said} all the time"
    return f"between {show(least, unit).said} and {show(greatest, unit).said}, last {show(known[-1], unit).said}"
