"""What is around the content of every page: navigation, filters, and how it is kept up to date."""

from dataclasses import dataclass

from chatvitals.catalogue.dimensions import DIMENSIONS
from chatvitals.dashboard.page import Page, Visit
from chatvitals.dashboard.registry import NAVIGATION, PAGES_BY_NAME
from chatvitals.dashboard.saying import duration, exact_time, plural
from chatvitals.dashboard.view import COMPARISONS, PRESETS, VIEW_PARAMETERS, filters_in_words
from chatvitals.query.request import Window
from chatvitals.query.rollups import DAY_MS

OFFERED = ("customer", "release", "variant", "browser", "country", "os", "device", "page")
"""The dimensions that the filters offer, beside the site."""

_PLACES_IN_LISTS = ("leaf", "after", "before")
"""Parameters that say where in a list somebody is: seen through other filters it is another list."""

_COMPARED = {"": "no comparison", "before": "the period before", "week": "a week before"}


@dataclass(frozen=True, slots=True)
class Place:
    """A line of the navigation; `key` goes there after `g`."""

    words: str
    href: str
    key: str
    current: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several links, as the presets of the window."""

    words: str
    href: str
    current: bool
    value: str = ""


@dataclass(frozen=True, slots=True)
class FilterField:
    """A dimension to filter by: its name, what it is, the values that count now, and links that drop them."""

    name: str
    what: str
    values: tuple[str, ...]
    without: str


@dataclass(frozen=True, slots=True)
class Frame:
    """`url` is the page as it is looked at now, `path` without its view; `hidden` are the fields that a form of filters
    has to carry along, and `window` its length in milliseconds, empty for a range or the default; `sites` are all there
    are. `partial` says which part of the window isn't kept any more, empty where all of it is."""

    page: str
    url: str
    path: str
    live: bool
    filtered: bool
    places: tuple[Place, ...]
    presets: tuple[Choice, ...]
    comparisons: tuple[Choice, ...]
    sites: tuple[Choice, ...]
    filters: tuple[FilterField, ...]
    active_filters: int
    filters_said: str
    window: str
    window_said: str
    moves: bool
    range_from: str
    range_to: str
    zone: str
    hidden: tuple[tuple[str, str], ...]
    partial: str
    who: str
    now_ms: int
    signs_in: bool


def make_frame(page: Page, path: str, visit: Visit, *, signs_in: bool) -> Frame:
    """The frame of a page at `path`. `signs_in` says that people are signed in, and so can sign out."""
    view, own = visit.view, dict(visit.query)
    stays = {name: value for name, value in own.items() if name not in (*VIEW_PARAMETERS, *_PLACES_IN_LISTS)}
    window = view.window(visit.now_ms)
    start, end = (exact_time(moment, view.tzinfo) for moment in (window.start_ms, window.end_ms))
    what = {dimension.name: dimension.what for dimension in DIMENSIONS}
    chosen = view.filters.get("site", ())
    offered = visit.parts.recent.get("sites", 5.0, visit.parts.sites.all) if page.filtered else []
    sites = sorted(site.name for site in offered)
    return Frame(
        page=page.name,
        url=view.href(path, **own),
        path=path,
        live=page.live and view.moves,
        filtered=page.filtered,
        places=tuple(
            Place(
                entry.words,
                view.href(PAGES_BY_NAME[entry.page].path),
                entry.key,
                entry.page == page.belongs_to,
            )
            for entry in NAVIGATION
            if entry.page in PAGES_BY_NAME
        ),
        presets=tuple(
            Choice(words, view.over(length).href(path, **stays), view.moves and view.window_ms == length, str(length))
            for length, words in PRESETS
        ),
        comparisons=tuple(
            Choice(_COMPARED[one], view.comparing(one).href(path, **stays), view.compare == one, one)
            for one in COMPARISONS
        ),
        sites=(
            Choice("all sites", view.where("site").href(path, **stays), not chosen),
            *(Choice(name, view.where("site", name).href(path, **stays), name in chosen, name) for name in sites),
        ),
        filters=tuple(
            FilterField(name, what[name], view.filters.get(name, ()), view.where(name).href(path, **stays))
            for name in OFFERED
        ),
        active_filters=sum(bool(values) for values in view.filters.values()),
        filters_said=filters_in_words(view.filters),
        window=dict(view.parameters).get("window", ""),
        window_said=f"last {duration(view.window_ms)}" if view.moves else f"{start} to {end}",
        moves=view.moves,
        range_from=start[:19].replace(" ", "T"),
        range_to=end[:19].replace(" ", "T"),
        zone=view.zone,
        hidden=tuple(stays.items()),
        partial=_partial(visit, window) if page.single else "",
        who=visit.who,
        now_ms=visit.now_ms,
        signs_in=signs_in,
    )


def _partial(visit: Visit, window: Window) -> str:
    days = visit.parts.settings.raw_retention_days
    kept_from_ms = visit.now_ms - days * DAY_MS
    if window.start_ms >= kept_from_ms:
        return ""
    since = exact_time(kept_from_ms, visit.view.tzinfo)
    return f"Single events are kept for {plural(days, 'day')}: what happened before {since} is missing on this page."
