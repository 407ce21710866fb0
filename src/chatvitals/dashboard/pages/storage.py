"""`/dashboard/storage`: what browsers let the widget store, and how storing goes."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from chatvitals.catalogue.metrics import METRICS_BY_PATH
from chatvitals.dashboard.elements.fact import Fact
from chatvitals.dashboard.elements.grades import grade_figure
from chatvitals.dashboard.elements.missing import Missing
from chatvitals.dashboard.elements.table import Table, arrange, make_table
from chatvitals.dashboard.elements.tabs import Choice, Tab
from chatvitals.dashboard.kinds.parts import parts_of
from chatvitals.dashboard.kinds.storage import (
    areas_table,
    browsers_matrix,
    census_facts,
    census_fields,
    errors_table,
    operations_matrix,
    policies_table,
    refusals_table,
    room_table,
    work_facts,
)
from chatvitals.dashboard.page import Page, PageContext, Visit, help_
from chatvitals.dashboard.places import metric_href
from chatvitals.query.figures import Figure
from chatvitals.query.storage import OPERATIONS, PROBES, measure_work, take_census

PATH = "/dashboard/storage"
BY = Choice("by", {"browser": "Browser", "os": "System", "device": "Device", "customer": "Customer", "page": "Page"})
SUCCESS = METRICS_BY_PATH["persistence.operations.successRate"]

NO_CENSUS = Missing(
    "No start of a widget told what its browser lets it store, in this window and with these filters.",
    "probeStorage(vitals);",
    "Once a start is enough. It stores nothing where nothing may be stored yet.",
)
NO_WORK = Missing(
    "No operation on a stored conversation was told of, in this window and with these filters.",
    'const area = measureStorage(vitals, () => localStorage, "localStorage");\narea.setItem("conversation", text);',
    "It saves, restores and deletes as the storage behind it does, and throws what that throws.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageContext(PageContext):
    """What browsers let the widget store, and how storing goes."""

    facts: tuple[Fact, ...] = help_("The figures that sum up census and operations")
    tabs: tuple[Tab, ...] = help_("The dimensions that the census can be seen by")
    census: Table | None = help_(
        "The census by a dimension, those that can store least first; None where none was taken"
    )
    refusals: Table | None = help_("Why browsers can't store, what that means, and what to do")
    policies: Table | None = help_("How long widgets declared to keep conversations")
    room: Table | None = help_("Quota and its use, as percentiles")
    areas: Table | None = help_("Operations by storage area; None where none was told of")
    by_browser: Table | None = help_("The share of operations that succeed, by browser and area")
    by_operation: Table | None = help_("The share of operations that succeed, by operation and area")
    errors: Table | None = help_("Why operations failed, by area")
    no_census: Missing | None = help_("Where no census was taken: how widgets take one")
    no_work: Missing | None = help_("Where no operation was told of: how widgets tell")


def build(visit: Visit) -> StorageContext:
    """Take the census of the window, and measure its operations."""
    view, engine = visit.view, visit.parts.source.engine
    question, few = view.question(visit.now_ms), visit.parts.settings.min_samples
    by = BY.read(visit.query)
    link = partial(view.href, PATH)
    census, work = take_census(engine, question, by), measure_work(engine, question)
    grade, metric = grade_of_success(visit), partial(metric_href, visit.view)
    parts = parts_of(census.parts, PROBES)
    fields = census_fields(parts, by, BY.words[by], few)
    probed, worked = bool(parts), work.whole[OPERATIONS].n > 0
    return StorageContext(
        heading="Storage",
        facts=(
            *(census_facts(census, few, metric) if probed else ()),
            *(work_facts(work, few, grade, metric) if worked else ()),
        ),
        tabs=BY.tabs(by, link),
        census=make_table(
            f"Census by {BY.words[by].lower()}",
            fields,
            arrange(parts, fields, "stores", visit.query),
            partial(link, by=BY.said(by)),
            lambda part: view.where(by, part.value).href(PATH),
        )
        if probed
        else None,
        refusals=refusals_table(census) if probed else None,
        policies=policies_table(census) if probed else None,
        room=room_table(census.whole, work.whole) if probed or worked else None,
        areas=areas_table(work, few, grade) if worked else None,
        by_browser=browsers_matrix(work, few, grade) if worked else None,
        by_operation=operations_matrix(work, few, grade) if worked else None,
        errors=errors_table(work) if worked else None,
        no_census=None if probed else NO_CENSUS,
        no_work=None if worked else NO_WORK,
    )


def grade_of_success(visit: Visit) -> Callable[[float], str]:
    """How good a share of successful operations is, where there are enough of them."""
    bands, few = visit.parts.bands.get(SUCCESS.path), visit.parts.settings.min_samples
    return lambda value: grade_figure(SUCCESS, Figure(value, few, few), bands, few)


PAGE = Page(PATH, "storage", "Storage", "storage.html", build, single=True)
