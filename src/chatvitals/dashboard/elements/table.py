"""Tables: columns that can be sorted by, pages of a hundred rows, cells that show more than a number. Pure.

A table that people sort is made of fields, each of which knows its title, what it is sorted by, and its cell; others
are put together of columns and rows by hand.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, Protocol, TypeVar

from chatvitals.dashboard.elements.shown import Shown
from chatvitals.dashboard.elements.sparkline import Sparkline
from chatvitals.dashboard.elements.trend import Trend
from chatvitals.dashboard.saying import count
from chatvitals.errors import BadRequest
from chatvitals.query.request import parse_whole

T = TypeVar("T")

PAGE_ROWS = 100
_MOST_PAGES = 1_000_000

Align = Literal["left", "right"]
Direction = Literal["ascending", "descending"]
Sortable = float | str | None
"""What a row is sorted by; None where it isn't known."""


class Link(Protocol):
    """Makes a link to the same page with these parameters of its own; None leaves one out."""

    def __call__(self, **own: str | int | None) -> str: ...


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell shows: `text` with a small `unit` behind it, and `exact` on hover.

    `href` makes it a link; `grade` is good, warning, bad, unknown or empty, and `word` says it; `share` is how long the
    bar behind the number is, in percent of the cell; `trend` and `sparkline` stand beside the text; `moment_ms` is a
    time, told relative in place of it; `note` is a quieter line below.
    """

    text: str = ""
    unit: str = ""
    exact: str = ""
    href: str = ""
    grade: str = ""
    word: str = ""
    share: float | None = None
    trend: Trend | None = None
    sparkline: Sparkline | None = None
    moment_ms: int | None = None
    note: str = ""


def cell_of(shown: Shown, share: float | None = None, href: str = "") -> Cell:
    """A figure as a cell."""
    return Cell(shown.text, shown.unit, shown.exact, href, shown.grade, shown.grade_word, share)


@dataclass(frozen=True, slots=True)
class SortLink:
    """Sorts by a column, or turns its order round. `direction` is how the table is sorted by it now, if it is."""

    href: str
    direction: Direction | Literal[""] = ""


@dataclass(frozen=True, slots=True)
class Column:
    """`help` says what the column is, where its title alone doesn't."""

    key: str
    title: str
    align: Align = "left"
    sort: SortLink | None = None
    help: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """`href` is the place that the row is about; its first cell is what names it."""

    cells: tuple[Cell, ...]
    href: str = ""


@dataclass(frozen=True, slots=True)
class Pager:
    """Where in a long table this page is, as "101–200 of 5,000", and links to its neighbours, empty at the ends."""

    words: str
    previous: str
    next: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under their columns; no pager where all rows are there. Where there are none, `empty` says what it means."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    pager: Pager | None = None
    empty: str = ""

    @property
    def has_links(self) -> bool:
        """Whether anything in it takes the focus; if not, its box has to, to be scrolled by keyboard."""
        return any(column.sort for column in self.columns) or any(
            row.href or any(cell.href for cell in row.cells) for row in self.rows
        )


@dataclass(frozen=True, slots=True)
class Field(Generic[T]):
    """A column of a table of `T`s: its cells, and what it is sorted `by`, where it can be.

    `first` is the direction in which it is sorted when nothing else is said.
    """

    key: str
    title: str
    cell: Callable[[T], Cell]
    by: Callable[[T], Sortable] | None = None
    first: Direction = "descending"
    align: Align = "right"
    help: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """The column that a table is sorted by, and how. In URLs a minus means descending: `-loss`."""

    key: str
    direction: Direction

    @property
    def text(self) -> str:
        return f"-{self.key}" if self.direction == "descending" else self.key


@dataclass(frozen=True, slots=True)
class Arranged(Generic[T]):
    """One page of all rows in an order; `default` is the order that needn't be said. Pages count from 1."""

    items: tuple[T, ...]
    order: Order
    default: Order
    page: int
    rows: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.rows // PAGE_ROWS))


def arrange(items: Iterable[T], fields: Sequence[Field[T]], default: str, query: Mapping[str, str]) -> Arranged[T]:
    """The rows that `sort` and `leaf` of a query ask for, unknown values last in either direction. Raises BadRequest.

    `leaf` is the page of the table: `page` is a dimension's name. Rows that are alike stay in the order they come in.
    Beyond the last page is the last page.
    """
    order, usual = _read_order(query.get("sort", default), fields), _read_order(default, fields)
    page = parse_whole(query.get("leaf", "1"), "leaf", 1, _MOST_PAGES)
    ordered = _sorted(items, next(field for field in fields if field.key == order.key), order.direction)
    first = (min(page, max(1, -(-len(ordered) // PAGE_ROWS))) - 1) * PAGE_ROWS
    return Arranged(tuple(ordered[first : first + PAGE_ROWS]), order, usual, first // PAGE_ROWS + 1, len(ordered))


def _read_order(text: str, fields: Sequence[Field[T]]) -> Order:
    key = text.removeprefix("-")
    known = [field.key for field in fields if field.by is not None]
    if key not in known:
        raise BadRequest(
            f"sort is {text[:40]!r}: give one of {', '.join(known)}, with a minus before it for descending", "sort"
        )
    return Order(key, "descending" if text.startswith("-") else "ascending")


def _sorted(items: Iterable[T], field: Field[T], direction: Direction) -> list[T]:
    known: list[tuple[float | str, T]] = []
    unknown: list[T] = []
    for item in items:
        value = field.by(item) if field.by else None
        if value is None:
            unknown.append(item)
        else:
            known.append((value.casefold() if isinstance(value, str) else value, item))
    known.sort(key=lambda pair: pair[0], reverse=direction == "descending")
    return [item for _, item in known] + unknown


def make_table(
    caption: str,
    fields: Sequence[Field[T]],
    arranged: Arranged[T],
    link: Link,
    href: Callable[[T], str] | None = None,
    empty: str = "",
) -> Table:
    """A page of rows under columns that sort; `href` is where a row leads."""
    return Table(
        caption,
        tuple(_column(field, arranged, link) for field in fields),
        _rows(arranged.items, fields, href),
        _pager(arranged, link),
        empty,
    )


def plain_table(
    caption: str,
    fields: Sequence[Field[T]],
    items: Iterable[T],
    href: Callable[[T], str] | None = None,
    empty: str = "",
) -> Table:
    """All rows in the order they come in, under columns that don't sort."""
    return Table(
        caption,
        tuple(Column(field.key, field.title, field.align, help=field.help) for field in fields),
        _rows(items, fields, href),
        empty=empty,
    )


def _rows(items: Iterable[T], fields: Sequence[Field[T]], href: Callable[[T], str] | None) -> tuple[Row, ...]:
    return tuple(Row(tuple(field.cell(item) for field in fields), href(item) if href else "") for item in items)


def _column(field: Field[T], arranged: Arranged[T], link: Link) -> Column:
    if field.by is None:
        return Column(field.key, field.title, field.align, help=field.help)
    order = arranged.order
    current = order.direction if order.key == field.key else ""
    other: Direction = "ascending" if current == "descending" else "descending"
    wanted = Order(field.key, other if current else field.first)
    sort = SortLink(link(sort=_unless_default(wanted, arranged), leaf=None), current)
    return Column(field.key, field.title, field.align, sort, field.help)


def _unless_default(order: Order, arranged: Arranged[T]) -> str | None:
    return None if order == arranged.default else order.text


def _pager(arranged: Arranged[T], link: Link) -> Pager | None:
    if arranged.pages == 1:
        return None
    sort, page = _unless_default(arranged.order, arranged), arranged.page
    first = (page - 1) * PAGE_ROWS
    return Pager(
        f"{count(first + 1)}–{count(first + len(arranged.items))} of {count(arranged.rows)}",
        link(sort=sort, leaf=page - 1 if page > 2 else None) if page > 1 else "",
        link(sort=sort, leaf=page + 1) if page < arranged.pages else "",
    )
