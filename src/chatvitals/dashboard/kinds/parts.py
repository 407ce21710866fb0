"""Fields of tables whose rows are the values of a dimension, made of the measures of a tally."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from chatvitals.catalogue.measures import Measure
from chatvitals.dashboard.elements.table import Cell, Field, Sortable, cell_of
from chatvitals.dashboard.naming import explain, name_of
from chatvitals.dashboard.saying import plural, show
from chatvitals.query.figures import Key
from chatvitals.query.tally import Tally


@dataclass(frozen=True, slots=True)
class Part:
    """One value of a dimension."""

    value: str
    tally: Tally


def parts_of(tallies: Mapping[Key, Tally], count: Measure) -> list[Part]:
    """The values of a dimension, the one with the most events first."""
    parts = [Part(key[0], tally) for key, tally in tallies.items()]
    return sorted(parts, key=lambda part: (-part.tally.count(count), part.value))


def name_field(dimension: str, title: str) -> Field[Part]:
    """The value itself."""
    return Field(
        dimension,
        title,
        lambda part: Cell(name_of(dimension, part.value), exact=explain(dimension, part.value)),
        by=lambda part: part.value,
        first="ascending",
        align="left",
    )


def count_field(key: str, title: str, measure: Measure, parts: Iterable[Part], help: str = "") -> Field[Part]:
    """How many events, with a bar for their share of all parts'."""
    whole = sum(part.tally.count(measure) for part in parts)

    def cell(part: Part) -> Cell:
        number = part.tally.count(measure)
        return cell_of(show(number, "count"), 100 * number / whole if whole else None)

    return Field(key, title, cell, by=lambda part: part.tally.count(measure), help=help)


def sessions_field() -> Field[Part]:
    """How many sessions sent any of the events."""
    return Field(
        "sessions",
        "Sessions",
        lambda part: cell_of(show(part.tally.sessions, "count")),
        by=lambda part: part.tally.sessions,
        help="Different sessions that told of it",
    )


def share_field(
    key: str,
    title: str,
    measure: Measure,
    of: Measure,
    few: int,
    help: str = "",
    grade: Callable[[float], str] | None = None,
) -> Field[Part]:
    """One measure's events in percent of another's; of fewer than `few` it is told, and known to be unsure."""

    def by(part: Part) -> Sortable:
        return part.tally.share(measure, of) if part.tally[of].n >= few else None

    def cell(part: Part) -> Cell:
        return unsure_cell(part.tally.share(measure, of), "%", part.tally[of].n, few, grade)

    return Field(key, title, cell, by=by, help=help)


def quantile_field(
    key: str, title: str, measure: Measure, quantile: str, unit: str, few: int, help: str = ""
) -> Field[Part]:
    """A percentile of a measure's values; of fewer than `few` it is told, and known to be unsure."""

    def by(part: Part) -> Sortable:
        return part.tally.quantile(measure, quantile) if part.tally[measure].n >= few else None

    def cell(part: Part) -> Cell:
        return unsure_cell(part.tally.quantile(measure, quantile), unit, part.tally[measure].n, few)

    return Field(key, title, cell, by=by, help=help)


def unsure_cell(value: float | None, unit: str, n: int, few: int, grade: Callable[[float], str] | None = None) -> Cell:
    """A figure over `n` samples: graded where there are enough, said to be of too few where there aren't."""
    if value is None:
        return cell_of(show(None, unit, ""))
    if n < few:
        shown = show(value, unit, "unknown")
        exact = f"{shown.exact}, of only {plural(n, 'sample')}"
        return Cell(shown.text, shown.unit, exact, grade="unknown", word="too few")
    return cell_of(show(value, unit, grade(value) if grade else ""))
