"""From pieces to moments: what happens all the time is folded into runs, as "38 renders", so that the rest is seen.

A tab's pieces are parted by its **turns**: page changes, and what is worth to be seen for the first time on a page.
Between two turns those that are alike become one moment, in the place of the first of them.
"""

from collections.abc import Iterable, Iterator, Sequence
from statistics import median

from chatvitals.dashboard.saying import duration, plural
from chatvitals.dashboard.story.moment import Moment, Sort
from chatvitals.dashboard.story.piece import Piece

FEW = 80
"""So many pieces are all told one by one."""

LEAST_RUN = 3
"""Fewer than these that are alike are told one by one."""

MOST = 400
"""Where more moments than these would be left, only the first of each turn in the whole session parts the pieces."""

_ALWAYS_SEEN = (Sort.LEFT, Sort.GAP, Sort.LOSS)

_Alike = tuple[Sort, str, str]


def unfolded(pieces: Sequence[Piece], starts_ms: int) -> list[Moment]:
    """A moment for each piece, in order."""
    return [_moment([piece], starts_ms) for piece in pieces]


def fold(pieces: Sequence[Piece], starts_ms: int) -> list[Moment]:
    """Moments in order; none is lost, each counts the pieces that it is made of."""
    if len(pieces) <= FEW:
        return unfolded(pieces, starts_ms)
    moments = _fold(pieces, starts_ms, by_page=True)
    return moments if len(moments) <= MOST else _fold(pieces, starts_ms, by_page=False)


def _fold(pieces: Sequence[Piece], starts_ms: int, *, by_page: bool) -> list[Moment]:
    lanes: dict[int, list[tuple[int, Piece]]] = {}
    for place, piece in enumerate(pieces):
        lanes.setdefault(piece.lane, []).append((place, piece))
    runs = [run for lane in lanes.values() for stretch in _stretches(lane, by_page) for run in _runs(stretch)]
    return [_moment([piece for _, piece in run], starts_ms) for run in sorted(runs, key=lambda run: run[0][0])]


def _stretches(lane: Iterable[tuple[int, Piece]], by_page: bool) -> Iterator[list[tuple[int, Piece]]]:
    """A lane's pieces between its turns, and each turn by itself."""
    stretch: list[tuple[int, Piece]] = []
    seen: set[_Alike] = set()
    page: str | None = None
    for place, piece in lane:
        if by_page and piece.page != page:
            yield stretch
            stretch, page = [], piece.page
            seen.clear()
        alike = _alike(piece)
        if (piece.told.grade or piece.told.sort in _ALWAYS_SEEN) and alike not in seen:
            seen.add(alike)
            yield stretch
            yield [(place, piece)]
            stretch = []
        else:
            stretch.append((place, piece))
    yield stretch


def _runs(stretch: Sequence[tuple[int, Piece]]) -> Iterator[list[tuple[int, Piece]]]:
    alike: dict[_Alike, list[tuple[int, Piece]]] = {}
    for placed in stretch:
        alike.setdefault(_alike(placed[1]), []).append(placed)
    for run in alike.values():
        if len(run) >= LEAST_RUN:
            yield run
        else:
            yield from ([placed] for placed in run)


def _alike(piece: Piece) -> _Alike:
    return piece.told.sort, piece.told.grade, piece.told.many


def _moment(run: Sequence[Piece], starts_ms: int) -> Moment:
    first = run[0]
    return Moment(
        at_ms=first.at_ms,
        until_ms=max(piece.until_ms for piece in run),
        after_ms=first.at_ms - starts_ms,
        lane=first.lane,
        page=first.page,
        sort=first.told.sort,
        grade=first.told.grade,
        words=first.told.words if len(run) == 1 else f"{len(run):,} {first.told.many}{_sum(run)}",
        meaning=next((piece.told.meaning for piece in run if piece.told.meaning), ""),
        count=len(run),
    )


def _sum(run: Sequence[Piece]) -> str:
    """What the values of a run come to."""
    values = [piece.told.value for piece in run if piece.told.value is not None]
    if not values:
        return ""
    match run[0].told.unit:
        case "ms":
            return f": {duration(median(values))} in the middle, {duration(max(values))} at most"
        case "messages" | "events" as unit:
            return f": {plural(sum(values), unit.removesuffix('s'))} in all"
    return ""
