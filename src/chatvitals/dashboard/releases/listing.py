"""All releases of a window in a table, each with the way into the comparison or out of it. Pure."""

from collections.abc import Callable, Mapping, Sequence

from chatvitals.dashboard.elements.member import Background, Member, member_fields
from chatvitals.dashboard.elements.table import Cell, Field
from chatvitals.dashboard.saying import NOTHING
from chatvitals.query.sightings import Sighting

MOST_RELEASES = 4
"""So many can lie side by side."""

Choose = Callable[[Sequence[str]], str]
"""Makes a link to these releases side by side; empty where there can't be one."""


def release_fields(
    background: Background, sightings: Mapping[str, Sighting], chosen: Sequence[str], choose: Choose
) -> tuple[Field[Member], ...]:
    """The columns, left to right."""
    by_key = {field.key: field for field in member_fields("release", background)}
    return (
        by_key["release"],
        _moment("first", "First seen", sightings, lambda sighting: sighting.first_ms),
        _moment("last", "Last seen", sightings, lambda sighting: sighting.last_ms),
        by_key["sessions"],
        by_key["health"],
        by_key["loss"],
        Field("compare", "Side by side", lambda one: _compare(one.value, chosen, choose), align="left"),
    )


def _moment(key: str, title: str, sightings: Mapping[str, Sighting], of: Callable[[Sighting], int]) -> Field[Member]:
    def seen_ms(one: Member) -> int | None:
        sighting = sightings.get(one.value)
        return of(sighting) if sighting else None

    def cell(one: Member) -> Cell:
        moment_ms = seen_ms(one)
        return Cell(NOTHING) if moment_ms is None else Cell(moment_ms=moment_ms)

    return Field(key, title, cell, seen_ms, align="left")


def _compare(release: str, chosen: Sequence[str], choose: Choose) -> Cell:
    rest = [other for other in chosen if other != release]
    if len(rest) < len(chosen):
        return Cell("take out", href=choose(rest)) if rest else Cell("compared")
    if len(chosen) == MOST_RELEASES:
        return Cell(NOTHING, exact=f"{MOST_RELEASES} are compared already: take one out first")
    href = choose([*chosen, release])
    return Cell("compare", href=href) if href else Cell(NOTHING, exact="it has no name to ask for")
