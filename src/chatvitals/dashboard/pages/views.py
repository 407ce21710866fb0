"""`/dashboard/views`: all saved views, and how a new one is made of what is looked at."""

from collections.abc import Mapping
from dataclasses import dataclass

from chatvitals.dashboard.page import Action, Done, Page, PageContext, Undo, Visit, help_
from chatvitals.dashboard.saved.book import KeptView, ViewBook
from chatvitals.dashboard.saved.document import LONGEST_DESCRIPTION, LONGEST_NAME, SavedView, fixed_range
from chatvitals.dashboard.saved.editing import copied
from chatvitals.dashboard.saved.forms import read_about, read_revision
from chatvitals.dashboard.saved.starters import STARTERS
from chatvitals.dashboard.saying import duration, exact_time, plural
from chatvitals.dashboard.view import View, filters_in_words
from chatvitals.errors import BadRequest

PATH = "/dashboard/views"
_PUT_BACK = f"{PATH}/put-back"


@dataclass(frozen=True, slots=True)
class ListedView:
    """A view in the list; `shows` says its panels, window and filters."""

    slug: str
    name: str
    description: str
    href: str
    shows: str
    panels: str
    revision: int
    updated_ms: int
    updated_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewsContext(PageContext):
    """All saved views, and the form that makes one."""

    path: str = help_("Where the form goes, and below which the views are")
    views: tuple[ListedView, ...] = help_("Every view, by name")
    look: str = help_("The window and the filters that a new view keeps, in words")
    starters: tuple[tuple[str, str], ...] = help_("What a new view may start with: the field's values, and their words")
    longest_name: int = help_("How many characters a name may have")
    longest_description: int = help_("How many characters a description may have")


def book_of(visit: Visit) -> ViewBook:
    """The saved views of a server."""
    return ViewBook(visit.parts.saved_views, visit.parts.clock, visit.parts.new_id)


def look_in_words(view: View) -> str:
    """What is looked at: "last 24 h, customer acme"."""
    if view.range is None:
        window = f"last {duration(view.window_ms)}"
    else:
        window = " to ".join(exact_time(at, view.tzinfo) for at in (view.range.start_ms, view.range.end_ms))
    return ", ".join(filter(None, (window, filters_in_words(view.filters))))


def build(visit: Visit) -> ViewsContext:
    """List them."""
    return ViewsContext(
        heading="Views",
        path=PATH,
        views=tuple(_listed(kept, visit.view.zone) for kept in book_of(visit).all()),
        look=look_in_words(visit.view),
        starters=tuple((name, starter.words) for name, starter in STARTERS.items()),
        longest_name=LONGEST_NAME,
        longest_description=LONGEST_DESCRIPTION,
    )


def _listed(kept: KeptView, zone: str) -> ListedView:
    return ListedView(
        slug=kept.slug,
        name=kept.view.name,
        description=kept.view.description,
        href=f"{PATH}/{kept.slug}",
        shows=look_in_words(kept.view.looked_at(zone)),
        panels=plural(len(kept.view.panels), "panel"),
        revision=kept.revision,
        updated_ms=kept.updated_ms,
        updated_by=kept.updated_by,
    )


def _make(visit: Visit, fields: Mapping[str, str]) -> Done:
    """Make a view of what is looked at."""
    name, description = read_about(fields)
    starter = STARTERS.get(fields.get("starter", "empty"))
    if starter is None:
        raise BadRequest(f"starter is {fields['starter'][:40]!r}: give one of {', '.join(STARTERS)}", "starter")
    view = SavedView(
        name=name,
        description=description,
        window_ms=visit.view.window_ms,
        range=fixed_range(visit.view.range),
        compare=visit.view.compare,
        filters=visit.view.filters,
        panels=starter.panels,
    )
    kept = book_of(visit).make(view, visit.who)
    return Done(f"Made the view {name}", to=f"{PATH}/{kept.slug}?edit=1")


def _copy(visit: Visit, fields: Mapping[str, str]) -> Done:  # noqa: ARG001 - the path says it all
    """Make another view of one, to be changed from there."""
    book = book_of(visit)
    kept = book.find(visit.path["slug"])
    copy = book.make(copied(kept.view), visit.who)
    return Done(f"Made {copy.view.name}", to=f"{PATH}/{copy.slug}?edit=1")


def _remove(visit: Visit, fields: Mapping[str, str]) -> Done:
    """Remove a view; that can be undone for 30 days."""
    removed = book_of(visit).remove(visit.path["slug"], read_revision(fields))
    return Done(f"Removed the view {removed.view.name}", to=PATH, undo=Undo(_PUT_BACK, {"id": removed.id}))


def _put_back(visit: Visit, fields: Mapping[str, str]) -> Done:
    """Undo a removal."""
    kept = book_of(visit).put_back(fields.get("id", ""))
    return Done(f"The view {kept.view.name} is back", to=f"{PATH}/{kept.slug}")


PAGE = Page(PATH, "views", "Views", "views.html", build, live=False)

ACTIONS: tuple[Action, ...] = (
    Action(PATH, _make),
    Action(_PUT_BACK, _put_back),
    Action(f"{PATH}/{{slug}}/copy", _copy),
    Action(f"{PATH}/{{slug}}/remove", _remove),
)
