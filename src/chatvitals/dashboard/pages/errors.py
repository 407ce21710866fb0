"""`/dashboard/errors`: errors inside the widget and operations that failed, in groups, and one group in detail."""

from dataclasses import dataclass
from functools import partial

from chatvitals.dashboard.elements.missing import Missing
from chatvitals.dashboard.elements.table import Table, arrange, make_table
from chatvitals.dashboard.elements.tabs import Choice, Tab
from chatvitals.dashboard.kinds.failure_detail import TROUBLE, ShownFailure, show_failure
from chatvitals.dashboard.kinds.failure_groups import failure_fields
from chatvitals.dashboard.kinds.failures import Before, Known, know, summary
from chatvitals.dashboard.page import Page, PageContext, Visit, help_
from chatvitals.dashboard.pages.session import session_path
from chatvitals.errors import NotFound
from chatvitals.query.failures import (
    SOURCES,
    Source,
    StruckSession,
    count_failures,
    count_started,
    describe_failure,
    find_failures,
)

PATH = "/dashboard/errors"
OF = Choice("of", {"all": "All", "errors": "Errors in the widget", "operations": "Failed operations"})
_SOURCES: dict[str, tuple[Source, ...]] = {
    "all": SOURCES,
    "errors": ("error",),
    "operations": tuple(source for source in SOURCES if source != "error"),
}

NO_FAILURES = Missing(
    "Nothing went wrong that widgets told of, in this window and with these filters.",
    "const caught = measureErrors(vitals, /widget\\./);  // the widget's own files\n"
    "try { … } catch (error) { caught(error); }",
    "Operations that fail are told by measureStorage, measureFetch and measureTabs without a line more. If widgets have"
    " these, then this is good news.",
)
NO_STARTS = "Widgets don't tell their starts (measureBoot), so the share of sessions is unknown."


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorsContext(PageContext):
    """What went wrong in widgets."""

    said: str = help_("How much went wrong, and how much of it is new; empty where nothing did")
    note: str = help_("What isn't known because widgets don't tell it; empty where they do")
    tabs: tuple[Tab, ...] = help_("All, errors in the widget, or operations that failed")
    groups: Table | None = help_("A page of the groups, those with the most events first")
    failure: ShownFailure | None = help_("The group that the parameter `error` names")
    nothing: Missing | None = help_("Where nothing went wrong: how widgets would tell")


def build(visit: Visit) -> ErrorsContext:
    """Find what went wrong in the window, and what of it was there before."""
    view, engine = visit.view, visit.parts.source.engine
    question, of = view.question(visit.now_ms), OF.read(visit.query)
    link = partial(view.href, PATH, of=OF.said(of))
    failures = find_failures(engine, question, _SOURCES[of])
    started = count_started(engine, question) if failures else 0
    groups = know(failures, started, _before(visit, _SOURCES[of]) if failures else None)
    fields = failure_fields(groups)
    failure = _chosen(visit, groups, link()) if "error" in visit.query else None
    return ErrorsContext(
        heading=failure.title if failure else "Errors",
        said=summary(groups) if groups else "",
        note=NO_STARTS if groups and not started else "",
        tabs=OF.tabs(of, partial(view.href, PATH)),
        groups=make_table(
            "What went wrong",
            fields,
            arrange(groups, fields, "-events", visit.query),
            link,
            lambda group: link(error=group.failure.id),
        )
        if groups
        else None,
        failure=failure,
        nothing=None if groups else NO_FAILURES,
    )


def _before(visit: Visit, sources: tuple[Source, ...]) -> Before | None:
    """The window before; None where that is no longer kept, or nobody was there."""
    source, question = visit.parts.source, visit.view.question(visit.now_ms)
    before = question.over(question.window.previous())
    if source.rollups.outlived_raw(before.window.start_ms):
        return None
    counts, started = count_failures(source.engine, before, sources), count_started(source.engine, before)
    return Before(counts, started) if counts or started else None


def _chosen(visit: Visit, groups: list[Known], back_href: str) -> ShownFailure:
    """The group that is asked for, in detail. Raises NotFound."""
    wanted = visit.query["error"]
    group = next((one for one in groups if one.failure.id == wanted), None)
    if group is None:
        raise NotFound(
            "this error was not seen in this window with these filters: widen them, or go back to all errors"
        )
    view, kind = visit.view, group.failure.kind

    def filtered(dimension: str, value: str) -> str:
        return view.where(dimension, value).href(PATH, error=wanted)

    def session(struck: StruckSession) -> str:
        return view.where("site", struck.site).href(session_path(struck.session))

    return show_failure(
        group,
        describe_failure(visit.parts.source.engine, view.question(visit.now_ms), group.failure),
        filtered,
        session,
        view.href("/dashboard/sessions", wrong=TROUBLE[kind]) if kind in TROUBLE else "",
        back_href,
    )


PAGE = Page(PATH, "errors", "Errors", "errors.html", build, single=True)
