"""The groups of what went wrong in a table. Pure."""

from collections.abc import Sequence

from chatvitals.dashboard.elements.sparkline import draw_sparkline
from chatvitals.dashboard.elements.table import Cell, Field, cell_of
from chatvitals.dashboard.kinds.failures import Known
from chatvitals.dashboard.naming import name_of
from chatvitals.dashboard.saying import count, show

_MOST_RELEASES = 2
_MOST_BROWSERS = 1


def failure_fields(groups: Sequence[Known]) -> tuple[Field[Known], ...]:
    """The columns of the groups."""
    whole = sum(group.failure.events for group in groups)
    return (
        Field(
            "type",
            "What",
            lambda group: Cell(group.failure.type, note=group.failure.message or group.failure.place),
            by=lambda group: group.failure.type,
            first="ascending",
            align="left",
        ),
        Field(
            "kind",
            "Kind",
            _kind_cell,
            by=lambda group: group.failure.unhandled,
            align="left",
            help="What kind of fault: errors that the widget didn't catch come first",
        ),
        Field(
            "events",
            "Events",
            lambda group: cell_of(
                show(group.failure.events, "count"), 100 * group.failure.events / whole if whole else None
            ),
            by=lambda group: group.failure.events,
        ),
        Field(
            "before",
            "Before",
            lambda group: cell_of(show(group.before, "count", "")),
            by=lambda group: group.before,
            help="Events in the window before this one, of the same length",
        ),
        Field(
            "sessions",
            "Sessions",
            lambda group: cell_of(show(group.failure.sessions, "count")),
            by=lambda group: group.failure.sessions,
        ),
        Field(
            "share",
            "Of all sessions",
            lambda group: cell_of(show(group.session_share, "%", "")),
            by=lambda group: group.session_share,
            help="Of the sessions that started the widget in the window",
        ),
        Field(
            "first",
            "First seen",
            lambda group: Cell(moment_ms=group.failure.first_ms),
            by=lambda group: group.failure.first_ms,
            help="In this window",
        ),
        Field(
            "last",
            "Last seen",
            lambda group: Cell(moment_ms=group.failure.last_ms),
            by=lambda group: group.failure.last_ms,
        ),
        Field(
            "release",
            "Releases",
            _release_cell,
            by=lambda group: group.failure.first_release,
            align="left",
            help="Those with the most events; new is what wasn't there in the window before",
        ),
        Field(
            "browser",
            "Browsers",
            lambda group: _names_cell("browser", group.failure.browsers, _MOST_BROWSERS),
            align="left",
            help="Those with the most events",
        ),
        Field(
            "course",
            "Course",
            lambda group: Cell(sparkline=draw_sparkline(group.failure.steps, "count", zero_based=True)),
        ),
    )


def _kind_cell(group: Known) -> Cell:
    graded = group.failure.kind == "error" and group.failure.unhandled > 0
    return Cell(group.kind, grade="warning" if graded else "", word="not caught" if graded else "")


def _release_cell(group: Known) -> Cell:
    names = _names_cell("release", group.failure.releases, _MOST_RELEASES)
    if not group.news:
        return names
    return Cell(group.news, exact=f"in {names.exact or names.text}", grade="warning", word="new")


def _names_cell(dimension: str, names: Sequence[str], most: int) -> Cell:
    """The first few names, and how many more there are; all of them on hover."""
    if not names:
        return Cell(name_of(dimension, ""))
    said = [name_of(dimension, name) for name in names]
    more = len(said) - most
    text = ", ".join(said[:most])
    return Cell(f"{text} + {count(more)}" if more > 0 else text, exact=", ".join(said) if more > 0 else "")
