"""`/dashboard/releases`: releases side by side, and how far each has been taken up."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from chatvitals.catalogue.dimensions import OVERFLOW
from chatvitals.dashboard.elements.chart import Chart, Line
from chatvitals.dashboard.elements.member import Member, assess_member, background_of, member_fields, metrics_needed
from chatvitals.dashboard.elements.side_by_side import (
    COMPARED,
    MetricGroup,
    choose_releases,
    side_by_side,
    what_cannot_be_said,
)
from chatvitals.dashboard.elements.standing import health_cell
from chatvitals.dashboard.elements.table import Cell, Field, Table, arrange, make_table
from chatvitals.dashboard.naming import name_of
from chatvitals.dashboard.page import Page, PageContext, Visit, help_
from chatvitals.dashboard.saying import NOTHING, plural, share
from chatvitals.dashboard.view import View
from chatvitals.errors import BadRequest
from chatvitals.query.buckets import Steps
from chatvitals.query.build import Grouping
from chatvitals.query.comparison import Comparison, Standing, absent, stand
from chatvitals.query.presence import ABSENT, who_was_there
from chatvitals.query.request import Question
from chatvitals.query.sightings import Sighting, sight_releases
from chatvitals.query.trends import trend_window

PATH = "/dashboard/releases"
MOST_RELEASES = 4
CHOSEN_BY_ITSELF = 3
ENOUGH_SHARE = 0.01
"""A release with fewer of all sessions is not compared unless it is asked for."""

FRESH_S, SIGHTINGS_FRESH_S = 10.0, 60.0


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


@dataclass(frozen=True, slots=True)
class _Releases:
    """All that were seen in the window: how each stands, and when it was seen first and last."""

    standings: Mapping[str, Standing]
    sightings: Mapping[str, Sighting]

    @property
    def sessions(self) -> int:
        return sum(one.presence.sessions for one in self.standings.values())

    def choose(self) -> list[str]:
        """The newest that are worth comparing."""
        named = {name: one.presence.sessions for name, one in self.standings.items() if name not in ("", OVERFLOW)}
        first_ms = {name: seen.first_ms for name, seen in self.sightings.items()}
        enough = max(1, round(self.sessions * ENOUGH_SHARE))
        return choose_releases(first_ms, named, enough, CHOSEN_BY_ITSELF)


def build(visit: Visit) -> ReleasesContext:
    """Ask for all releases of the window, and lay those side by side that the view names, or else the newest."""
    view, parts = visit.view, visit.parts
    question = view.question(visit.now_ms).without("release")
    named = view.filters.get("release", ())
    if len(named) > MOST_RELEASES:
        raise BadRequest(f"{len(named)} releases are too many to compare: choose up to {MOST_RELEASES}", "release")
    seen = _read(visit, question)
    chosen = list(named) or seen.choose()
    nothing = absent(metrics_needed(parts.bands, COMPARED))
    compared = {release: seen.standings.get(release, nothing) for release in chosen}
    members = {release: _member(visit, release, standing) for release, standing in compared.items()}
    min_samples = parts.settings.min_samples
    return ReleasesContext(
        heading="Releases",
        heads=tuple(_head(place, one, seen, view, chosen) for place, one in enumerate(members.values(), 1)),
        groups=side_by_side(
            compared, parts.bands, min_samples, lambda path: view.href(f"/dashboard/metrics/{path}", by="release")
        ),
        hints=what_cannot_be_said(compared, min_samples),
        adoption=_adoption(visit, question, chosen),
        table=_table(visit, seen, chosen),
        chosen=bool(named),
        usual=view.where("release").href(PATH),
    )


def _read(visit: Visit, question: Question) -> _Releases:
    parts, recent = visit.parts, visit.parts.recent
    parameters = visit.view.where("release").parameters
    return _Releases(
        recent.get(
            ("releases", parameters),
            FRESH_S,
            lambda: stand(parts.source, question, metrics_needed(parts.bands, COMPARED), "release"),
        ),
        recent.get(
            ("sightings", question.filters.get("site"), question.scope),
            SIGHTINGS_FRESH_S,
            lambda: sight_releases(parts.source.engine, question, visit.now_ms, parts.settings.raw_retention_days),
        ),
    )


def _member(visit: Visit, release: str, standing: Standing) -> Member:
    parts, settings = visit.parts, visit.parts.settings
    compared = Comparison(release, standing, None)
    return assess_member("release", compared, settings.health_weights, parts.bands, settings.min_samples)


def _head(place: int, one: Member, seen: _Releases, view: View, chosen: list[str]) -> ReleaseHead:
    sighting, others = seen.sightings.get(one.value), [release for release in chosen if release != one.value]
    return ReleaseHead(
        name=one.name,
        part=place,
        health=health_cell(one.health),
        sessions=plural(one.sessions, "session"),
        share=f"{share(100 * one.sessions / seen.sessions)} %" if seen.sessions else NOTHING,
        first_ms=sighting.first_ms if sighting else None,
        last_ms=sighting.last_ms if sighting else None,
        base=_choose(view, [one.value, *others]) if place > 1 else "",
        without=_choose(view, others) if others else "",
    )


def _choose(view: View, releases: list[str]) -> str:
    """Link to these releases side by side; empty where one has no name, which an address can't say."""
    return view.where("release", *releases).href(PATH) if all(releases) else ""


def _adoption(visit: Visit, question: Question, chosen: list[str]) -> Chart:
    window, step_ms = trend_window(question.window)
    grouping = Grouping(Steps(step_ms), ("release",))
    there = visit.parts.recent.get(
        ("adoption", window, question.scope, visit.view.where("release").parameters),
        FRESH_S,
        lambda: who_was_there(visit.parts.source, question.over(window), grouping),
    )
    times = tuple(range(window.start_ms, window.end_ms, step_ms))
    totals = [0] * len(times)
    for (step, _), presence in there.items():
        totals[step] += presence.sessions

    def line(release: str) -> Line:
        sessions = [there.get((step, (release,)), ABSENT).sessions for step in range(len(times))]
        values = (100 * own / total if total else None for own, total in zip(sessions, totals, strict=True))
        return Line(name_of("release", release), "part", tuple(values), tuple(sessions))

    return Chart(
        id="adoption",
        title="Share of sessions",
        unit="%",
        zone=visit.view.zone,
        start=window.start_ms,
        end=window.end_ms,
        step=step_ms,
        times=times,
        lines=tuple(map(line, chosen)),
    )


def _table(visit: Visit, seen: _Releases, chosen: list[str]) -> Table:
    """All releases, the newest first; a cell of each adds it to those compared, or takes it out."""
    parts, view = visit.parts, visit.view
    members = [_member(visit, release, standing) for release, standing in seen.standings.items()]
    background = background_of(members, parts.bands, parts.settings.min_samples, "")
    by_key = {field.key: field for field in member_fields("release", background)}

    def moment(key: str, title: str, of: Callable[[Sighting], int]) -> Field[Member]:
        def seen_ms(one: Member) -> int | None:
            sighting = seen.sightings.get(one.value)
            return of(sighting) if sighting else None

        def cell(one: Member) -> Cell:
            moment_ms = seen_ms(one)
            return Cell(NOTHING) if moment_ms is None else Cell(moment_ms=moment_ms)

        return Field(key, title, cell, seen_ms, align="left")

    def compare(one: Member) -> Cell:
        if one.value in chosen:
            rest = [release for release in chosen if release != one.value]
            return Cell("take out", href=_choose(view, rest)) if rest else Cell("compared")
        if len(chosen) == MOST_RELEASES:
            return Cell("", exact=f"{MOST_RELEASES} are compared already")
        return Cell("compare", href=_choose(view, [*chosen, one.value])) if one.value else Cell("")

    fields = (
        by_key["release"],
        moment("first", "First seen", lambda sighting: sighting.first_ms),
        moment("last", "Last seen", lambda sighting: sighting.last_ms),
        by_key["sessions"],
        by_key["health"],
        by_key["loss"],
        Field("compare", "Side by side", compare, align="left"),
    )
    arranged = arrange(members, fields, "-first", visit.query)
    return make_table(
        "All releases of this window",
        fields,
        arranged,
        partial(view.href, PATH),
        empty="Nothing was seen in this window.",
    )


PAGE = Page(PATH, "releases", "Releases", "releases.html", build)
