"""`/dashboard/boot`: how far starts of the widget come, why they fail, and how long they take."""

from dataclasses import dataclass
from functools import partial

from chatvitals.dashboard.elements.fact import Fact
from chatvitals.dashboard.elements.funnel import Funnel
from chatvitals.dashboard.elements.missing import Missing
from chatvitals.dashboard.elements.table import Table, arrange, make_table
from chatvitals.dashboard.elements.tabs import Choice, Tab
from chatvitals.dashboard.kinds.boot import boot_facts, part_fields, reasons_table, show_funnel
from chatvitals.dashboard.kinds.parts import parts_of
from chatvitals.dashboard.page import Page, PageContext, Visit, help_
from chatvitals.dashboard.places import metric_href
from chatvitals.query.boot import REACHED, count_starts, starts_by

PATH = "/dashboard/boot"
BY = Choice(
    "by",
    {"browser": "Browser", "customer": "Customer", "release": "Release", "page": "Page", "country": "Country"},
)

NO_STARTS = Missing(
    "No start of a widget was told of, in this window and with these filters.",
    "const boot = measureBoot(vitals);  // as early as the script can\n"
    "boot.frame();                      // where the widget has a frame\n"
    'boot.ready();                      // or boot.failed("error")',
    "With the stub in the host page, starts are counted where the widget's script is blocked, too.",
)
UNKNOWN_TO_HOSTS = ("customer", "release", "variant", "page", "country")
"""The dimensions that host pages' own reports lack."""

LEFT_OUT = (
    "The filters leave out what host pages tell by themselves, which names no {dimensions}: starts whose script never"
    " ran are missing here, and the shares look better than they are."
)
NO_STUB = Missing(
    "No host page told of starts whose script never ran: either there were none, or host pages lack the stub.",
    "<script>…dist/stub.js, with SRC, ENDPOINT and KEY filled in…</script>",
    "Without it, starts that a content blocker ends are missing here altogether, and the shares are too good.",
    "in the host page",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BootContext(PageContext):
    """The start-up funnel: requested, script, frame, ready."""

    facts: tuple[Fact, ...] = help_("The figures that sum up the starts")
    funnel: Funnel | None = help_("How far starts come, and how long that takes; None where no start was told of")
    reasons: Table | None = help_("Why starts failed, what that means, and what to do")
    left_out: str = help_("Which starts the filters leave out though they may belong here; empty where none")
    tabs: tuple[Tab, ...] = help_("The dimensions that starts can be seen by")
    parts: Table | None = help_("The funnel by a dimension, those that become ready least first")
    no_starts: Missing | None = help_("Where no start was told of: how widgets tell")
    no_stub: Missing | None = help_("Where no host page told of any: how they do")


def build(visit: Visit) -> BootContext:
    """Count the starts of the window."""
    view, engine = visit.view, visit.parts.source.engine
    question, few = view.question(visit.now_ms), visit.parts.settings.min_samples
    by = BY.read(visit.query)
    link = partial(view.href, PATH)
    starts = count_starts(engine, question)
    tabs = BY.tabs(by, link)
    if not starts.stages:
        return BootContext(
            heading="Boot",
            facts=(),
            funnel=None,
            reasons=None,
            left_out="",
            tabs=tabs,
            parts=None,
            no_starts=NO_STARTS,
            no_stub=None,
        )
    filtered = [dimension for dimension in UNKNOWN_TO_HOSTS if view.filters.get(dimension)]
    left_out = LEFT_OUT.format(dimensions=" and no ".join(filtered)) if filtered else ""
    parts = parts_of(starts_by(engine, question, by), REACHED["requested"])
    fields = part_fields(parts, by, BY.words[by], few)
    return BootContext(
        heading="Boot",
        facts=boot_facts(starts, few, partial(metric_href, visit.view)),
        funnel=show_funnel(starts),
        reasons=reasons_table(starts),
        left_out=left_out,
        tabs=tabs,
        parts=make_table(
            f"Starts by {BY.words[by].lower()}",
            fields,
            arrange(parts, fields, "ready", visit.query),
            partial(link, by=BY.said(by)),
            lambda part: view.where(by, part.value).href(PATH),
        ),
        no_starts=None,
        no_stub=None if starts.told_by_host or left_out else NO_STUB,
    )


PAGE = Page(PATH, "boot", "Boot", "boot.html", build, single=True)
