"""One group of what went wrong: what it is, where it occurs, and in which sessions. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chatvitals.dashboard.elements.table import Cell, Column, Row, Table, cell_of
from chatvitals.dashboard.kinds.failures import Known
from chatvitals.dashboard.naming import explain, name_of
from chatvitals.dashboard.saying import count, show
from chatvitals.query.failures import PARTS, FailureDetail, Part, Source, StruckSession

TROUBLE: dict[Source, str] = {
    "error": "error",
    "persistence": "storage",
    "restoration": "restore",
    "api": "api",
    "tabSync": "sync",
}
"""What the sessions page calls it; it knows nothing of connections that failed, only of gaps they left."""


@dataclass(frozen=True, slots=True)
class ShownFailure:
    """One group, told apart: what it is, in sentences and tables. `facts` are pairs of a name and what it is.

    `sessions_href` leads to all sessions with a fault of its kind, where these can be asked for.
    """

    title: str
    what: str
    message: str
    news: str
    facts: tuple[tuple[str, str], ...]
    first_ms: int
    last_ms: int
    messages: Table | None
    parts: tuple[Table, ...]
    sessions: Table
    sessions_href: str
    back_href: str


def show_failure(
    group: Known,
    detail: FailureDetail,
    filter_href: Callable[[str, str], str],
    session_href: Callable[[StruckSession], str],
    sessions_href: str,
    back_href: str,
) -> ShownFailure:
    """One group with its breakdowns; `filter_href` leads to the page seen through one value of a dimension."""
    failure = group.failure
    facts = [
        ("Events", _events_said(group)),
        ("Sessions", _sessions_said(group)),
        ("Customers", count(failure.customers)),
    ]
    if failure.fingerprint:
        facts.append(("Fingerprint", failure.fingerprint))
    if failure.place:
        facts.append(("Place", failure.place))
    return ShownFailure(
        title=failure.type,
        what=group.kind,
        message=failure.message,
        news=group.news,
        facts=tuple(facts),
        first_ms=failure.first_ms,
        last_ms=failure.last_ms,
        messages=_messages_table(detail) if len(detail.messages) > 1 else None,
        parts=tuple(_parts_table(dimension, detail.parts[dimension], filter_href) for dimension in PARTS),
        sessions=_sessions_table(detail, session_href),
        sessions_href=sessions_href,
        back_href=back_href,
    )


def _events_said(group: Known) -> str:
    said = count(group.failure.events)
    return said if group.before is None else f"{said}, {count(group.before)} in the window before"


def _sessions_said(group: Known) -> str:
    if group.session_share is None:
        return count(group.failure.sessions)
    return f"{count(group.failure.sessions)}, {show(group.session_share, '%').said} of {count(group.started)} started"


def _messages_table(detail: FailureDetail) -> Table:
    return Table(
        "Messages",
        (Column("message", "Message"), Column("events", "Events", "right")),
        tuple(Row((Cell(message), cell_of(show(events, "count")))) for message, events in detail.messages),
    )


def _parts_table(dimension: str, parts: Sequence[Part], href: Callable[[str, str], str]) -> Table:
    """The group by a dimension: where it occurs, and in how many of the sessions there."""
    most = max((part.events for part in parts), default=0.0)
    return Table(
        f"By {dimension}",
        (
            Column(dimension, dimension.capitalize()),
            Column("events", "Events", "right"),
            Column("sessions", "Sessions", "right"),
            Column("share", "Of its sessions", "right", help="Of the sessions there that started the widget"),
        ),
        tuple(
            Row(
                (
                    Cell(name_of(dimension, part.value), exact=explain(dimension, part.value)),
                    cell_of(show(part.events, "count"), 100 * part.events / most if most else None),
                    cell_of(show(part.sessions, "count")),
                    cell_of(
                        show(100 * min(part.sessions, part.started) / part.started if part.started else None, "%", "")
                    ),
                ),
                href(dimension, part.value),
            )
            for part in parts
        ),
    )


def _sessions_table(detail: FailureDetail, href: Callable[[StruckSession], str]) -> Table:
    return Table(
        "Sessions",
        (
            Column("session", "Session"),
            Column("events", "Events", "right"),
            Column("last", "Last seen", "right"),
            Column("customer", "Customer"),
            Column("release", "Release"),
            Column("browser", "Browser"),
            Column("page", "Page"),
        ),
        tuple(
            Row(
                (
                    Cell(f"{session.session:016x}"),
                    cell_of(show(session.events, "count")),
                    Cell(moment_ms=session.last_ms),
                    *(
                        Cell(name_of(dimension, value), exact=explain(dimension, value))
                        for dimension, value in (
                            ("customer", session.customer),
                            ("release", session.release),
                            ("browser", session.browser),
                            ("page", session.page),
                        )
                    ),
                ),
                href(session),
            )
            for session in detail.sessions
        ),
        empty="No session is known: these events came without one.",
    )
