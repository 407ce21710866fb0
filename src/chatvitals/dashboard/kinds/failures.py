"""Groups of what went wrong in widgets, and what is known around them: who started, what was there before. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chatvitals.dashboard.saying import count, plural, show
from chatvitals.query.failures import Failure, Source

WORDS: dict[Source, str] = {
    "error": "error",
    "persistence": "storage",
    "restoration": "restoration",
    "api": "API call",
    "connection": "connection",
    "tabSync": "tab sync",
}
"""What kind of thing went wrong."""

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
