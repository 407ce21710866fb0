"""What can be wrong with a saved view that is well-formed: everything that its types can't say."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from chatvitals.alerting.conversion import Path, did_you_mean
from chatvitals.alerting.documents import say_path
from chatvitals.catalogue.dimensions import breakdown_column
from chatvitals.catalogue.metrics import METRICS_BY_PATH
from chatvitals.dashboard.saved.document import FixedRange, Panel, PanelKind, SavedView
from chatvitals.errors import BadRequest
from chatvitals.query.build import kind_of
from chatvitals.query.request import FILTERABLE, MAX_WINDOW_MS

Flaw = tuple[Path, str]
"""Which part of the view, and what is wrong with it."""


def refuse_flawed(view: SavedView, within: Path = ()) -> None:
    """Raise BadRequest, which lists every flaw and names the first one's field; the view may be part of a document."""
    flaws = [((*within, *path), what) for path, what in flaws_of(view)]
    if flaws:
        said = (f"{say_path(path)}: {what}" for path, what in flaws)
        raise BadRequest("\n".join(said), say_path(flaws[0][0]))


def flaws_of(view: SavedView) -> Iterator[Flaw]:
    """Every flaw of a view."""
    if not view.name.strip():
        yield ("name",), "is empty: say what the view is for"
    if view.range is not None:
        yield from _flaws_of_range(view.range)
    yield from _flaws_of_filters(view.filters, ("filters",))
    ids = Counter(panel.id for panel in view.panels)
    for place, panel in enumerate(view.panels):
        if panel.id and ids[panel.id] > 1:
            yield ("panels", place, "id"), f"{panel.id} is another panel's too: leave it out of new ones"
        for path, what in flaws_of_panel(panel):
            yield ("panels", place, *path), what


def flaws_of_panel(panel: Panel) -> Iterator[Flaw]:
    """Every flaw of a panel."""
    metric = METRICS_BY_PATH.get(panel.metric)
    if metric is None:
        yield ("metric",), f"there is no metric {panel.metric[:80]!r}{did_you_mean(panel.metric, METRICS_BY_PATH)}"
    if panel.kind is not PanelKind.TABLE and panel.by:
        yield ("by",), f"only a table is broken down: leave it out, or make the {panel.kind} a table"
    if panel.kind is PanelKind.TABLE and not panel.by:
        yield ("by",), f"is missing: say what the table breaks down by, such as {', '.join(FILTERABLE)}"
    elif panel.by and metric is not None and breakdown_column(panel.by, kind_of(metric)) is None:
        guess = did_you_mean(panel.by, FILTERABLE) or f"; there are {', '.join(FILTERABLE)}"
        yield ("by",), f"{metric.path} can't be broken down by {panel.by!r}{guess}"
    yield from _flaws_of_filters(panel.filters, ("filters",))


def _flaws_of_filters(filters: Mapping[str, Sequence[str]], path: Path) -> Iterator[Flaw]:
    for dimension in filters:
        if dimension not in FILTERABLE:
            guess = did_you_mean(dimension, FILTERABLE) or f"; there are {', '.join(FILTERABLE)}"
            yield (*path, dimension), f"there is no dimension {dimension[:80]!r}{guess}"


def _flaws_of_range(fixed: FixedRange) -> Iterator[Flaw]:
    if fixed.from_ms >= fixed.to_ms:
        yield ("range",), "ends before it starts: toMs has to be after fromMs"
    elif fixed.to_ms - fixed.from_ms > MAX_WINDOW_MS:
        yield ("range",), "is longer than 400 days"
