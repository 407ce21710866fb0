"""`/dashboard/views/{slug}`: one saved view, and with `edit=1` all that can be changed of it."""

from dataclasses import dataclass, replace

from chatvitals.catalogue.metrics import METRICS
from chatvitals.dashboard.elements.card import Card
from chatvitals.dashboard.elements.chart import Chart
from chatvitals.dashboard.elements.table import Table
from chatvitals.dashboard.page import Page, PageContext, Visit, help_
from chatvitals.dashboard.pages.views import PATH as VIEWS
from chatvitals.dashboard.pages.views import book_of, look_in_words
from chatvitals.dashboard.places import metric_href
from chatvitals.dashboard.saved.document import (
    LONGEST_DESCRIPTION,
    LONGEST_NAME,
    MOST_PANELS,
    WIDEST,
    Panel,
    PanelKind,
)
from chatvitals.dashboard.saved.forms import write_filters
from chatvitals.dashboard.saved.panels import EDIT, Element, show_panels, title_of, view_of
from chatvitals.dashboard.view import View, filters_in_words
from chatvitals.query.request import FILTERABLE

PATH = f"{VIEWS}/{{slug}}"

ADJUSTED = "adjusted"
"""The parameter that says that the address, not the view, says what is looked at, even where that is the default."""


@dataclass(frozen=True, slots=True)
class PanelForm:
    """What a panel is, as the fields of the form that changes it."""

    metric: str
    kind: str
    width: int
    title: str
    by: str
    filters: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPanel:
    """A panel and what it shows: a card, a chart or a table, or the problem that keeps it from that.

    `place` counts from 1. `about` are its own filters in words.
    """

    id: int
    place: int
    title: str
    about: str
    width: int
    href: str
    form: PanelForm
    card: Card | None = None
    chart: Chart | None = None
    table: Table | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewContext(PageContext):
    """One saved view."""

    path: str = help_("Where the view is; its forms are below that")
    address: str = help_("Where the view is, to be shared: with its host, where the settings tell that")
    api_href: str = help_("The same as JSON")
    description: str = help_("What the view is for")
    revision: int = help_("The revision that is shown; forms are for no other")
    updated_ms: int = help_("When it was changed last")
    updated_by: str = help_("Who changed it last")
    edits: bool = help_("Whether it is being edited")
    edit_href: str = help_("Where it is edited")
    done_href: str = help_("Where it is only looked at")
    look: str = help_("The window and the filters that it keeps, in words")
    looks_elsewhere: bool = help_("Whether the address says another window or other filters than the view keeps")
    panels: tuple[ShownPanel, ...] = help_("Its panels in their order")
    full: bool = help_("Whether it has as many panels as a view can have")
    new_panel: PanelForm = help_("What the form for one more panel starts with")
    kinds: tuple[tuple[str, str], ...] = help_("How a panel can show its metric")
    widths: tuple[tuple[int, str], ...] = help_("How wide a panel can be")
    metrics: tuple[tuple[str, str], ...] = help_("Every metric: its path, and what it is called")
    dimensions: tuple[str, ...] = help_("What a table can be broken down by, and every panel filtered")
    most_panels: int = help_("How many panels a view can have")
    longest_name: int = help_("How many characters a name may have")
    longest_description: int = help_("How many characters a description may have")


def adopt(visit: Visit) -> Visit:
    """Where the address says no window and no filters, those that the view keeps are looked at."""
    said = {**visit.query, ADJUSTED: "1"}
    if ADJUSTED in visit.query or visit.view != View(zone=visit.view.zone):
        return replace(visit, query=said)
    kept = book_of(visit).find(visit.path["slug"])
    return replace(visit, view=kept.view.looked_at(visit.view.zone), query=said)


def build(visit: Visit) -> ViewContext:
    """Find the view, and ask for what its panels show."""
    kept = book_of(visit).find(visit.path["slug"])
    view, own = kept.view, kept.view.looked_at(visit.view.zone)
    path = f"{VIEWS}/{kept.slug}"
    elsewhere = visit.view != own
    shown = show_panels(visit, view.panels)
    return ViewContext(
        heading=view.name,
        path=path,
        address=f"{visit.parts.settings.public_url.rstrip('/')}{path}",
        api_href=f"/api/monitoring/views/{kept.slug}",
        description=view.description,
        revision=kept.revision,
        updated_ms=kept.updated_ms,
        updated_by=kept.updated_by,
        edits=EDIT in visit.query,
        edit_href=visit.view.href(path, edit=1, adjusted=1) if elsewhere else f"{path}?edit=1",
        done_href=visit.view.href(path, adjusted=1) if elsewhere else path,
        look=look_in_words(own),
        looks_elsewhere=elsewhere,
        panels=tuple(_shown(visit, place, panel, shown.get(panel.id)) for place, panel in enumerate(view.panels, 1)),
        full=len(view.panels) >= MOST_PANELS,
        new_panel=_form(Panel(metric="")),
        kinds=tuple((kind.value, _KINDS[kind]) for kind in PanelKind),
        widths=_WIDTHS,
        metrics=tuple((metric.path, metric.title) for metric in METRICS),
        dimensions=FILTERABLE,
        most_panels=MOST_PANELS,
        longest_name=LONGEST_NAME,
        longest_description=LONGEST_DESCRIPTION,
    )


_KINDS = {
    PanelKind.CARD: "Card: the figure",
    PanelKind.CHART: "Chart: its course",
    PanelKind.TABLE: "Table: by a dimension",
}
_WIDTHS = tuple((width, f"{width} of {WIDEST}") for width in range(1, WIDEST + 1))


def _shown(visit: Visit, place: int, panel: Panel, element: Element | None) -> ShownPanel:
    return ShownPanel(
        id=panel.id,
        place=place,
        title=title_of(panel),
        about=filters_in_words(panel.filters),
        width=panel.width,
        href=metric_href(view_of(visit.view, panel), panel.metric) if element else "",
        form=_form(panel),
        card=element if isinstance(element, Card) else None,
        chart=element if isinstance(element, Chart) else None,
        table=element if isinstance(element, Table) else None,
        problem="" if element else f"There is no metric {panel.metric} any more: edit this panel, or remove it.",
    )


def _form(panel: Panel) -> PanelForm:
    return PanelForm(panel.metric, panel.kind.value, panel.width, panel.title, panel.by, write_filters(panel.filters))


PAGE = Page(PATH, "view", "View", "view.html", build, section="views", adopt=adopt)
