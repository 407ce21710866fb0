"""The panels of a saved view as they are shown. Those that are alike but for their metrics are asked for together."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from typing import TypeVar

from chatvitals.catalogue.dimensions import breakdown_column
from chatvitals.catalogue.metrics import METRICS_BY_PATH, Metric
from chatvitals.dashboard.elements.breakdown import Yardstick, part_fields
from chatvitals.dashboard.elements.card import Card, Deck
from chatvitals.dashboard.elements.chart import Chart
from chatvitals.dashboard.elements.drawing import draw_chart
from chatvitals.dashboard.elements.grades import COUNTED
from chatvitals.dashboard.elements.standing import before_said
from chatvitals.dashboard.elements.table import Column, Row, Table, arrange
from chatvitals.dashboard.layout import TABS
from chatvitals.dashboard.page import Visit
from chatvitals.dashboard.pages.metric import release_marks, sessions_href, spans_about
from chatvitals.dashboard.places import metric_csv_href, metric_href, metric_json_href
from chatvitals.dashboard.recent import fresh_for_s
from chatvitals.dashboard.saved.document import Panel, PanelKind
from chatvitals.dashboard.saying import count
from chatvitals.dashboard.view import View
from chatvitals.query.build import Grouping, kind_of
from chatvitals.query.curves import take_curves_of
from chatvitals.query.figures import ask
from chatvitals.query.request import FILTERABLE
from chatvitals.query.series import Part
from chatvitals.query.snapshot import take_pictures, tidy
from chatvitals.query.trends import Trends, take_trends, trend_window

T = TypeVar("T")

EDIT = "edit"
"""The parameter of a view's page that says that it is being edited."""

ROWS = 10
"""A table shows so many values of its dimension."""

_TRENDS_KEPT_S = 600.0
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


def title_of(panel: Panel) -> str:
    """A panel's title: its own, or what its metric is called, and what that is broken down by."""
    metric = METRICS_BY_PATH.get(panel.metric)
    called = metric.title if metric else panel.metric
    return panel.title or (f"{called} by {panel.by}" if panel.by else called)


def _need(panel: Panel) -> _Need:
    column = breakdown_column(panel.by, kind_of(METRICS_BY_PATH[panel.metric])) if panel.by else ""
    return panel.kind, tuple(sorted(panel.filters.items())), column or ""


def _metrics(panels: Sequence[Panel]) -> list[Metric]:
    return [METRICS_BY_PATH[path] for path in dict.fromkeys(panel.metric for panel in panels)]


def _answer(visit: Visit, asked: tuple[Hashable, ...], answer: Callable[[], T]) -> T:
    """Who edits a view sees the same figures for a while: a panel that is moved needn't be asked for again."""
    if EDIT not in visit.query:
        return answer()
    fresh_s = fresh_for_s(visit.view.window(visit.now_ms).length_ms)
    return visit.parts.recent.get(("panels", visit.view.parameters, *asked), fresh_s, answer)


def _cards(visit: Visit, panels: Sequence[Panel]) -> dict[int, Element]:
    parts, question = visit.parts, visit.view.question(visit.now_ms)
    own = _metrics(panels)
    beside = [METRICS_BY_PATH[path] for metric in own for _, path in _BESIDE.get(metric.path, ())]
    asked = list(dict.fromkeys((*own, *beside)))
    now, before = _answer(visit, ("pictures", *asked), lambda: take_pictures(parts.source, question, asked))
    deck = Deck(
        now=now,
        before=before,
        before_said=before_said(question.window.length_ms),
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
    question = view.question(now_ms)
    metrics, other = _metrics(panels), view.compared(now_ms)
    curves = _answer(visit, ("curves", *metrics), lambda: take_curves_of(parts.source, question, metrics, other))
    compared = {"": "", "before": before_said(question.window.length_ms), "week": "a week before"}
    marks = release_marks(visit)
    return {
        panel.id: draw_chart(
            METRICS_BY_PATH[panel.metric],
            curves[panel.metric],
            id=f"panel-{panel.id}",
            title=title_of(panel),
            zone=view.zone,
            bands=parts.bands.get(panel.metric),
            min_samples=parts.settings.min_samples,
            compared_said=compared[view.compare],
            marks=marks,
            spans=spans_about(visit, METRICS_BY_PATH[panel.metric]),
            sessions_href=sessions_href(visit, METRICS_BY_PATH[panel.metric]),
            csv_href=metric_csv_href(view, panel.metric),
            json_href=metric_json_href(view, panel.metric, curves[panel.metric]),
        )
        for panel in panels
    }


def _tables(visit: Visit, panels: Sequence[Panel], column: str) -> dict[int, Element]:
    """All tables of the same filters that are broken down by the same column of the events."""
    source, question, metrics = visit.parts.source, visit.view.question(visit.now_ms), _metrics(panels)
    by = Grouping(columns=(column,))
    groups = _answer(visit, ("groups", column, *metrics), lambda: ask(source, question, metrics, by))
    shown: dict[int, Element] = {}
    for panel in panels:
        metric = METRICS_BY_PATH[panel.metric]
        figures = {key: group.figure(metric) for (_, (key,)), group in groups.items()}
        samples = sum(figure.n for figure in figures.values())
        measured = [
            Part(key, tidy(figure.value), figure.n, figure.sessions, 100 * figure.n / samples)
            for key, figure in sorted(figures.items(), key=lambda item: (-item[1].n, item[0]))
            if figure.n
        ]
        shown[panel.id] = _table(visit, panel, measured)
    return shown


def _table(visit: Visit, panel: Panel, measured: Sequence[Part]) -> Table:
    """The worst first, where there is a worse; else those with the most samples."""
    metric = METRICS_BY_PATH[panel.metric]
    yardstick = Yardstick(metric, visit.parts.bands.get(metric.path), visit.parts.settings.min_samples)
    fields = part_fields(panel.by, panel.by.capitalize(), yardstick)
    worst = "value" if yardstick.worst_first == "ascending" else "-value"
    arranged = arrange(measured, fields, "-n" if metric.higher_is_better is None else worst, {})
    title = title_of(panel)
    return Table(
        f"{title}: {ROWS} of {count(len(measured))}" if len(measured) > ROWS else title,
        tuple(Column(field.key, field.title, field.align, help=field.help) for field in fields),
        tuple(
            Row(tuple(field.cell(part) for field in fields), _part_href(visit.view, panel, part.key))
            for part in arranged.items[:ROWS]
        ),
        empty="None in this window." if metric.statistic in COUNTED else "Nothing was measured in this window.",
    )


def _part_href(view: View, panel: Panel, key: str) -> str:
    """The metric for one value of the dimension alone; nowhere for what can't be filtered by."""
    return metric_href(view.where(panel.by, key), panel.metric) if key and panel.by in FILTERABLE else ""
