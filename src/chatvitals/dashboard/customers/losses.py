"""Sessions that lost messages, in a table."""

from collections.abc import Callable, Iterable

from chatvitals.dashboard.elements.table import Cell, Column, Row, Table
from chatvitals.dashboard.naming import name_of
from chatvitals.dashboard.saying import count
from chatvitals.query.sessions import SessionSummary

_SHORT = 9


def losses_table(sessions: Iterable[SessionSummary], href: Callable[[SessionSummary], str]) -> Table:
    """What each lost, why, and with what; `href` leads to a session."""
    return Table(
        "Sessions that lost messages, the worst first",
        (
            Column("session", "Session"),
            Column("lost", "Messages lost", "right"),
            Column("conversations", "Conversations", "right"),
            Column("why", "Why"),
            Column("release", "Release"),
            Column("browser", "Browser"),
            Column("ended", "Last seen"),
        ),
        tuple(Row(_cells(one), href(one)) for one in sessions),
    )


def _cells(one: SessionSummary) -> tuple[Cell, ...]:
    lost = next(trouble for trouble in one.troubles if trouble.trouble == "loss")
    name = f"#{one.session:016x}"
    return (
        Cell(name[:_SHORT], exact=name),
        Cell(count(lost.n)),
        Cell(count(one.conversations_lost)),
        Cell(lost.why or "not told"),
        Cell(", ".join(name_of("release", value) for value in one.releases)),
        Cell(", ".join(name_of("browser", value) for value in one.browsers)),
        Cell(moment_ms=one.ended_ms),
    )
