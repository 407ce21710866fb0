"""`/dashboard/customers`: all customers of a window, the worst first."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from chatvitals.dashboard.elements.grades import Grade
from chatvitals.dashboard.elements.member import Member, assess_member, background_of, member_fields, metrics_needed
from chatvitals.dashboard.elements.sparkline import Sparkline, draw_sparkline
from chatvitals.dashboard.elements.standing import HEALTH_GRADES, STATUSES, before_said
from chatvitals.dashboard.elements.table import Link, Table, arrange, make_table
from chatvitals.dashboard.page import Page, PageContext, Visit, help_
from chatvitals.dashboard.saying import count
from chatvitals.dashboard.view import View, segment
from chatvitals.errors import BadRequest
from chatvitals.query.buckets import Steps
from chatvitals.query.build import Grouping
from chatvitals.query.comparison import compare
from chatvitals.query.health import Status
from chatvitals.query.presence import ABSENT, who_was_there

PATH = "/dashboard/customers"
COURSE_STEPS = 24


@dataclass(frozen=True, slots=True)
class StatusChoice:
    """A status to look at alone, with the number of customers that have it; `words` of all customers is "all"."""

    words: str
    grade: Grade
    customers: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomersContext(PageContext):
    """All customers of a window, a hundred at a time."""

    action: str = help_("Where the search goes")
    search: str = help_("What is looked for in the names, as it was typed")
    carried: tuple[tuple[str, str], ...] = help_("The parameters that the search carries along")
    statuses: tuple[StatusChoice, ...] = help_("All customers that were found, and those of each status")
    table: Table = help_("A page of the customers, in the order that was asked for")


def customer_href(view: View, customer: str) -> str:
    """Where a customer's own page is."""
    return view.where("customer").href(f"{PATH}/{segment(customer)}")


def build(visit: Visit) -> CustomersContext:
    """Read all customers, then find, sort and cut."""
    view, query, parts = visit.view, visit.query, visit.parts
    search, sort, status = query.get("q", "").strip(), query.get("sort"), _status(query.get("status"))
    everyone = read_customers(visit)
    found = [one for one in everyone if search.casefold() in one.name.casefold()]
    wanted = [one for one in found if status in (None, one.health.status)]
    before = before_said(view.window(visit.now_ms).length_ms)
    fields = member_fields("customer", background_of(everyone, parts.bands, parts.settings.min_samples, before))
    arranged = arrange(wanted, fields, "health", query)
    courses = _courses(visit, [one.value for one in arranged.items])
    link = partial(view.href, PATH, q=search or None)
    return CustomersContext(
        heading="Customers",
        action=PATH,
        search=search,
        carried=(*view.parameters, *((name, query[name]) for name in ("status", "sort") if name in query)),
        statuses=_statuses(found, status, partial(link, sort=sort)),
        table=make_table(
            "Customers",
            fields,
            replace(arranged, items=tuple(replace(one, course=courses.get(one.value)) for one in arranged.items)),
            partial(link, status=status),
            lambda one: customer_href(view, one.value),
            "No customer is like that." if everyone else "Nobody was seen in this window.",
        ),
    )


def read_customers(visit: Visit) -> Sequence[Member]:
    """All customers of a view, those with the most sessions first; read once for all who sort, search and leaf."""
    parts, question = visit.parts, visit.view.question(visit.now_ms)

    def read() -> list[Member]:
        return [
            assess_member("customer", one, parts.settings.health_weights, parts.bands, parts.settings.min_samples)
            for one in compare(parts.source, question, metrics_needed(parts.bands), "customer")
        ]

    return parts.recent.by_cost(("customers", visit.view.parameters), read)


def _courses(visit: Visit, names: Sequence[str]) -> dict[str, Sparkline | None]:
    """Sessions over time of those that are shown."""
    question = visit.view.question(visit.now_ms).where("customer", names)
    step_ms = max(1, -(-question.window.length_ms // COURSE_STEPS))
    grouping = Grouping(Steps(step_ms), ("customer",))

    def read() -> dict[str, Sparkline | None]:
        seen = who_was_there(visit.parts.source, question, grouping)
        return {
            name: draw_sparkline(
                [seen.get((step, (name,)), ABSENT).sessions for step in range(COURSE_STEPS)], "count", zero_based=True
            )
            for name in names
        }

    return visit.parts.recent.by_cost(("courses of customers", visit.view.parameters, tuple(names)), read)


def _status(text: str | None) -> Status | None:
    status = next((one for one in STATUSES if one == text), None)
    if text and status is None:
        raise BadRequest(f"status is {text[:40]!r}: give one of {', '.join(STATUSES)}", "status")
    return status


def _statuses(found: Sequence[Member], status: Status | None, link: Link) -> tuple[StatusChoice, ...]:
    of_each = Counter(one.health.status for one in found)
    return (
        StatusChoice("all", "", count(len(found)), link(), status is None),
        *(
            StatusChoice(one, HEALTH_GRADES[one], count(of_each[one]), link(status=one), status == one)
            for one in STATUSES
        ),
    )


PAGE = Page(PATH, "customers", "Customers", "customers.html", build)
