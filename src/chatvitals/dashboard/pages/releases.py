"""`/dashboard/releases`: releases side by side, and how far each has been taken up."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from chatvitals.dashboard.elements.chart import Chart
from chatvitals.dashboard.elements.member import Member, assess_member, background_of
from chatvitals.dashboard.elements.standing import health_cell
from chatvitals.dashboard.elements.table import Cell, Table, arrange, make_table
from chatvitals.dashboard.page import Page, PageContext, Visit, help_
from chatvitals.dashboard.places import metric_href
from chatvitals.dashboard.releases.adoption import chart_adoption
from chatvitals.dashboard.releases.listing import MOST_RELEASES, release_fields
from chatvitals.dashboard.releases.seen import Releases, read_releases
from chatvitals.dashboard.releases.side_by_side import MetricGroup, side_by_side, what_cannot_be_said
from chatvitals.dashboard.saying import NOTHING, plural, share
from chatvitals.dashboard.view import View
from chatvitals.errors import BadRequest
from chatvitals.query.comparison import Comparison, Standing

PATH = "/dashboard/releases"


@dataclass(frozen=True, slots=True)
class ReleaseHead:
    """A release at the top of its column. `part` is its place among the chart's lines, from 1; `base` makes it the
    first, which the others are compared with, and `without` takes it out; both are empty where that can't be."""

    name: str
    part: int
    health: Cell
    sessions: str
    share: str
    first_ms: int | None
    last_ms: int | None
    base: str
    without: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasesContext(PageContext):
    """Up to four releases side by side."""

    heads: tuple[ReleaseHead, ...] = help_("The releases that are compared; the others with the first")
    groups: tuple[MetricGroup, ...] = help_("The metrics by category, a value for each release")
    hints: tuple[str, ...] = help_("What can't be said, for want of samples")
    adoption: Chart = help_("The share of sessions that each has had over time")
    table: Table = help_("All releases of the window")
    chosen: bool = help_("Whether the address says which releases are compared")
    usual: str = help_("Link to the releases that are compared where it doesn't")


def build(visit: Visit) -> ReleasesContext:
    """Ask for all releases of the window, and lay those side by side that the view names, or else the newest."""
    view, parts = visit.view, visit.parts
    named, min_samples = view.filters.get("release", ()), parts.settings.min_samples
    if len(named) > MOST_RELEASES:
        raise BadRequest(f"{len(named)} releases are too many to compare: choose up to {MOST_RELEASES}", "release")
    question = view.question(visit.now_ms).without("release")
    seen = read_releases(visit, question)
    chosen = list(named) or seen.choose()
    compared = {release: seen.standing(release) for release in chosen}
    return ReleasesContext(
        heading="Releases",
        heads=tuple(_head(visit, seen, chosen, place) for place in range(len(chosen))),
        groups=side_by_side(compared, parts.bands, min_samples, lambda path: metric_href(view, path, by="release")),
        hints=what_cannot_be_said(compared, min_samples),
        adoption=chart_adoption(visit, question, chosen),
        table=_table(visit, seen, chosen),
        chosen=bool(named),
        usual=view.where("release").href(PATH),
    )


def _head(visit: Visit, seen: Releases, chosen: Sequence[str], place: int) -> ReleaseHead:
    release = chosen[place]
    one, sighting = _member(visit, release, seen.standing(release)), seen.sightings.get(release)
    others = [other for other in chosen if other != release]
    return ReleaseHead(
        name=one.name,
        part=place + 1,
        health=health_cell(one.health),
        sessions=plural(one.sessions, "session"),
        share=f"{share(100 * one.sessions / seen.sessions)} %" if seen.sessions else NOTHING,
        first_ms=sighting.first_ms if sighting else None,
        last_ms=sighting.last_ms if sighting else None,
        base=_choose(visit.view, [release, *others]) if place else "",
        without=_choose(visit.view, others) if others else "",
    )


def _member(visit: Visit, release: str, standing: Standing) -> Member:
    parts, settings = visit.parts, visit.parts.settings
    compared = Comparison(release, standing, None)
    return assess_member("release", compared, settings.health_weights, parts.bands, settings.min_samples)


def _choose(view: View, releases: Sequence[str]) -> str:
    """Link to these releases side by side; empty where one has no name, which an address can't say."""
    return view.where("release", *releases).href(PATH) if all(releases) else ""


def _table(visit: Visit, seen: Releases, chosen: Sequence[str]) -> Table:
    """All releases, the newest first."""
    members = [_member(visit, release, standing) for release, standing in seen.standings.items()]
    background = background_of(members, visit.parts.bands, visit.parts.settings.min_samples, "")
    fields = release_fields(background, seen.sightings, chosen, partial(_choose, visit.view))
    return make_table(
        "All releases of this window",
        fields,
        arrange(members, fields, "-first", visit.query),
        partial(visit.view.href, PATH),
        empty="Nothing was seen in this window.",
    )


PAGE = Page(PATH, "releases", "Releases", "releases.html", build)
