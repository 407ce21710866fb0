"""The panels of a saved view as they are shown. Those that are alike but for their metrics are asked for together."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from chatvitals.catalogue.dimensions import breakdown_column
from chatvitals.catalogue.metrics import METRICS_BY_PATH, Metric
from chatvitals.dashboard.elements.card import Card, Deck
from chatvitals.dashboard.elements.chart import Chart
from chatvitals.dashboard.elements.drawing import draw_chart
from chatvitals.dashboard.elements.grades import grade_figure
from chatvitals.dashboard.elements.table import Cell, Column, Row, Table, cell_of
from chatvitals.dashboard.layout import TABS
from chatvitals.dashboard.naming import explain, name_of
from chatvitals.dashboard.page import Visit
from chatvitals.dashboard.saved.document import Panel, PanelKind
from chatvitals.dashboard.saying import count, duration, share, show
from chatvitals.dashboard.view import View, segment
from chatvitals.query.build import Grouping, kind_of
from chatvitals.query.curves import take_curves_of
from chatvitals.query.figures import Figure, ask
from chatvitals.query.request import FILTERABLE
from chatvitals.query.snapshot import take_pictures
from chatvitals.query.trends import Trends, take_trends, trend_window

ROWS = 10
"""A table shows so many values of its dimension, those with the most samples."""

_TRENDS_KEPT_S = 600.0
_COMPARED = {"": "", "before": "the period before", "week": "a week before"}
_BESIDE = {place.path: place.beside for tab in TABS for place in tab.places}

Element = Card | Chart | Table
_Need = tuple[PanelKind, tuple[tuple[str, tuple[str, ...]], ...], str]
"""What panels have to have in common to be asked for together: kind, filters, and the column of a breakdown."""


def show_panels(visit: Visit, panels: Sequence[Panel]) -> dict[int, Element]:
    """What each panel shows, by its id; nothing for those whose metric there isn't any more. Raises EngineError."""
    alike: dict[_Need, list[Panel]] = {}
    for panel in panels:
        if panel.metric in METRICS_BY_PATH:
            alike.setdefault(_need(panel), []).append(panel)
    shown: dict[int, Element] = {}
    for (kind, _, column), some in alike.items():
        theirs = replace(visit, view=view_of(visit.view, some[0]))
        match kind:
            case PanelKind.CARD:
                shown |= _cards(theirs, some)
            case PanelKind.CHART:
                shown |= _charts(theirs, some)
            case PanelKind.TABLE:
                shown |= _tables(theirs, some, column)
    return shown


def view_of(view: View, panel: Panel) -> View:
    """What a panel looks at: the page's view, with the panel's filters in the place of those of the same dimensions."""
    return replace(view, filters={**view.filters, **panel.filters})


def metric_href(view: View, path: str) -> str:
    """Where the detail of a metric is."""
    return view.href(f"/dashboard/metrics/{segment(path)}")


def title_of(panel: Panel) -> str:
    """A panel's title: its own, or what its metric is called."""
    metric = METRICS_BY_PATH.get(panel.metric)
    return panel.title or (metric.title if metric else panel.metric)


def _need(panel: Panel) -> _Need:
    column = breakdown_column(panel.by, kind_of(METRICS_BY_PATH[panel.metric])) if panel.by else ""
    return panel.kind, tuple(sorted(panel.filters.items())), column or ""


def _metrics(panels: Sequence[Panel]) -> list[Metric]:
    return [METRICS_BY_PATH[path] for path in dict.fromkeys(panel.metric for panel in panels)]


def _cards(visit: Visit, panels: Sequence[Panel]) -> dict[int, Element]:
    parts, question = visit.parts, visit.view.question(visit.now_ms)
    own = _metrics(panels)
    beside = [METRICS_BY_PATH[path] for metric in own for _, path in _BESIDE.get(metric.path, ())]
    now, before = take_pictures(parts.source, question, list(dict.fromkeys((*own, *beside))))
    deck = Deck(
        now=now,
        before=before,
        before_said=f"the {duration(question.window.length_ms)} before",
        trends=_trends(visit, own).values,
        bands=parts.bands,
        min_samples=parts.settings.min_samples,
    )
    return {
        panel.id: deck.card(
            panel.metric, title_of(panel), metric_href(visit.view, panel.metric), _BESIDE.get(panel.metric, ())
        )
        for panel in panels
    }


def _trends(visit: Visit, metrics: Sequence[Metric]) -> Trends:
    question = visit.view.question(visit.now_ms)
    window, step = trend_window(question.window)
    paths = tuple(metric.path for metric in metrics)
    return visit.parts.recent.get(
        ("trends of panels", paths, window, tuple(question.filters.items())),
        _TRENDS_KEPT_S,
        lambda: take_trends(visit.parts.source, question.over(window), step, metrics),
    )


def _charts(visit: Visit, panels: Sequence[Panel]) -> dict[int, Element]:
    parts, view, now_ms = visit.parts, visit.view, visit.now_ms
    curves = take_curves_of(parts.source, view.question(now_ms), _metrics(panels), view.compared(now_ms))
    return {
        panel.id: draw_chart(
            METRICS_BY_PATH[panel.metric],
            curves[panel.metric],
            id=f"panel-{panel.id}",
            title=title_of(panel),
            zone=view.zone,
            bands=parts.bands.get(panel.metric),
            min_samples=parts.settings.min_samples,
            compared_said=_COMPARED[view.compare],
            csv_href=view.href(f"/dashboard/metrics/{segment(panel.metric)}/csv"),
            json_href=view.api_href("/api/monitoring/series", now_ms, metric=panel.metric),
        )
        for panel in panels
    }


def _tables(visit: Visit, panels: Sequence[Panel], column: str) -> dict[int, Element]:
    """All tables of the same filters that are broken down by the same column of the events."""
    groups = ask(visit.parts.source, visit.view.question(visit.now_ms), _metrics(panels), Grouping(columns=(column,)))
    shown: dict[int, Element] = {}
    for panel in panels:
        metric = METRICS_BY_PATH[panel.metric]
        figures = {key: group.figure(metric) for (_, (key,)), group in groups.items()}
        shown[panel.id] = _table(visit, panel, {key: figure for key, figure in figures.items() if figure.n})
    return shown


def _table(visit: Visit, panel: Panel, figures: Mapping[str, Figure]) -> Table:
    metric = METRICS_BY_PATH[panel.metric]
    most = sorted(figures.items(), key=lambda item: (-item[1].n, item[0]))[:ROWS]
    samples = sum(figure.n for figure in figures.values())
    caption = f"{title_of(panel)} by {panel.by}"
    return Table(
        f"{caption}: {ROWS} of {count(len(figures))}, those with the most samples" if len(figures) > ROWS else caption,
        (
            Column(panel.by, panel.by.capitalize()),
            Column("value", metric.title, "right"),
            Column("samples", "Samples", "right"),
            Column("share", "Share", "right", help="Of all samples"),
        ),
        tuple(_row(visit, panel, metric, key, figure, 100 * figure.n / samples) for key, figure in most),
        empty="Nothing was measured in this window.",
    )


def _row(visit: Visit, panel: Panel, metric: Metric, key: str, figure: Figure, part: float) -> Row:
    grade = grade_figure(metric, figure, visit.parts.bands.get(metric.path), visit.parts.settings.min_samples)
    narrowed = key and panel.by in FILTERABLE
    return Row(
        (
            Cell(name_of(panel.by, key), exact=explain(panel.by, key)),
            cell_of(show(figure.value, metric.unit, grade)),
            Cell(count(figure.n)),
            Cell(share(part), "%", share=part),
        ),
        metric_href(visit.view.where(panel.by, key), metric.path) if narrowed else "",
    )
