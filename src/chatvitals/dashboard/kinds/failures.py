"""What the errors page shows: pure, from what went wrong in a window."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from chatvitals.dashboard.elements.sparkline import draw_sparkline
from chatvitals.dashboard.elements.table import Cell, Column, Field, Row, Table, cell_of
from chatvitals.dashboard.naming import explain, name_of
from chatvitals.dashboard.saying import count, plural, show
from chatvitals.query.failures import PARTS, Failure, FailureDetail, Part, Source, StruckSession

WORDS: dict[Source, str] = {
    "error": "error",
    "persistence": "storage",
    "restoration": "restoration",
    "api": "API call",
    "connection": "connection",
    "tabSync": "tab sync",
}
"""What kind of thing went wrong."""

TROUBLE: dict[Source, str] = {
    "error": "error",
    "persistence": "storage",
    "restoration": "restore",
    "api": "api",
    "tabSync": "sync",
}
"""What the sessions page calls it; it knows nothing of connections that failed, only of gaps they left."""

_MOST_RELEASES = 2
_MOST_BROWSERS = 1


_CHANCE = 0.05
"""A group is new if chance alone would less often than this put all its sessions into this window."""


@dataclass(frozen=True, slots=True)
class Before:
    """The window before: the events of each group by its id, and the sessions that started the widget."""

    events: Mapping[str, float]
    started: int


@dataclass(frozen=True, slots=True)
class Known:
    """A group with what is known around it: the sessions that started the widget, and the window before, None where
    nothing is known of that."""

    failure: Failure
    started: int
    earlier: Before | None

    @property
    def session_share(self) -> float | None:
        """Of the sessions that started the widget, those touched, in percent; None where widgets don't tell starts."""
        return 100 * min(self.failure.sessions, self.started) / self.started if self.started else None

    @property
    def before(self) -> float | None:
        """Its events in the window before."""
        return None if self.earlier is None else self.earlier.events.get(self.failure.id, 0.0)

    @property
    def news(self) -> str:
        """That it is new, and where it came up: "new in 4.2.0"; empty where it was before, or chance may have it so."""
        if self.earlier is None or self.before or not self._is_no_chance(self.earlier):
            return ""
        return f"new in {self.failure.first_release}" if self.failure.first_release else "new"

    def _is_no_chance(self, earlier: Before) -> bool:
        """Whether sessions that fall into either window as often as any do would hardly all fall into this one."""
        started = self.started + earlier.started
        share = self.started / started if self.started and started else 0.5
        return share ** max(1, self.failure.sessions) < _CHANCE

    @property
    def kind(self) -> str:
        """What kind of fault it is: for an error whether the widget caught it, for an operation which one failed."""
        failure = self.failure
        told = failure.handled + failure.unhandled
        if failure.kind != "error" or not told:
            return WORDS[failure.kind]
        if failure.handled and failure.unhandled:
            return f"error, {show(100 * failure.unhandled / told, '%').said} unhandled"
        return "unhandled error" if failure.unhandled else "handled error"


def know(failures: Sequence[Failure], started: int, earlier: Before | None) -> list[Known]:
    """The groups with what is known around them; `earlier` is None where nothing is known of the window before."""
    return [Known(failure, started, earlier) for failure in failures]


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


def summary(groups: Sequence[Known]) -> str:
    """What the page says first: how much went wrong, and how much of it is new."""
    events = sum(group.failure.events for group in groups)
    new = sum(1 for group in groups if group.news)
    unhandled = sum(group.failure.unhandled for group in groups)
    said = f"{plural(events, 'event')} in {plural(len(groups), 'group')}"
    if unhandled:
        said += f", {count(unhandled)} of them unhandled errors"
    if any(group.earlier is None for group in groups):
        return f"{said}."
    return f"{said}; {count(new)} new since the window before." if new else f"{said}, none of them new."
