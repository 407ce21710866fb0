"""What a saved view is, as it is kept and as the API takes and gives it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from chatvitals.dashboard.view import DEFAULT_WINDOW_MS, Comparison, View
from chatvitals.query.request import MAX_WINDOW_MS, Window

MOST_PANELS = 40
WIDEST = 4
LONGEST_NAME = 100
LONGEST_DESCRIPTION = 500
_LATEST_MS = 4_102_444_800_000

Values = Annotated[tuple[Annotated[str, Meta(max_length=1_000)], ...], Meta(min_length=1, max_length=200)]
PanelId = Annotated[int, Meta(ge=0, le=1_000_000_000)]
Width = Annotated[int, Meta(ge=1, le=WIDEST)]
Moment = Annotated[int, Meta(ge=0, le=_LATEST_MS)]


class PanelKind(StrEnum):
    """How a panel shows its metric: the figure, its course, or its breakdown by a dimension."""

    CARD = "card"
    CHART = "chart"
    TABLE = "table"


class Panel(Struct, rename="camel", frozen=True, kw_only=True):
    """A metric somewhere on a view. Its filters are added to the view's, and count in their place where both have one.

    `id` tells panels of one view apart; those with 0 are given one. `width` is in quarters of the page; `title` is
    the metric's where it is empty; `by` is what a table breaks down by.
    """

    id: PanelId = 0
    metric: Annotated[str, Meta(max_length=200)]
    kind: PanelKind = PanelKind.CARD
    width: Width = 1
    title: Annotated[str, Meta(max_length=LONGEST_NAME)] = ""
    by: Annotated[str, Meta(max_length=100)] = ""
    filters: Mapping[str, Values] = {}


class FixedRange(Struct, rename="camel", frozen=True, kw_only=True):
    """From `from_ms` on, up to but without `to_ms`, in Unix milliseconds."""

    from_ms: Moment
    to_ms: Moment


class SavedView(Struct, rename="camel", frozen=True, kw_only=True):
    """A dashboard: panels in an order, seen over the last `window_ms` or a fixed range, through filters."""

    name: Annotated[str, Meta(min_length=1, max_length=LONGEST_NAME)]
    description: Annotated[str, Meta(max_length=LONGEST_DESCRIPTION)] = ""
    window_ms: Annotated[int, Meta(ge=1_000, le=MAX_WINDOW_MS)] = DEFAULT_WINDOW_MS
    range: FixedRange | None = None
    compare: Comparison = ""
    filters: Mapping[str, Values] = {}
    panels: Annotated[tuple[Panel, ...], Meta(max_length=MOST_PANELS)] = ()

    def looked_at(self, zone: str) -> View:
        """What it shows when its address says nothing else."""
        fixed = Window(self.range.from_ms, self.range.to_ms) if self.range else None
        return View(self.window_ms, fixed, zone, dict(self.filters), self.compare)


def fixed_range(window: Window | None) -> FixedRange | None:
    """A window as a part of a document."""
    return None if window is None else FixedRange(from_ms=window.start_ms, to_ms=window.end_ms)
