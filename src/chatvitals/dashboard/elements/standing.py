"""How something stands in a window, and against the one before: its health and its traffic, in a cell each. Pure."""

from chatvitals.dashboard.elements.grades import Grade
from chatvitals.dashboard.elements.table import Cell
from chatvitals.dashboard.elements.trend import Trend
from chatvitals.dashboard.saying import NOTHING, count, digits, duration, plural, share
from chatvitals.query.health import Health, Status
from chatvitals.query.presence import Presence

HEALTH_GRADES: dict[Status, Grade] = {
    "healthy": "good",
    "degraded": "warning",
    "unhealthy": "bad",
    "unknown": "unknown",
}
STATUSES: tuple[Status, ...] = ("unhealthy", "degraded", "healthy", "unknown")
"""Worst first."""

_MANY_TIMES = 10
"""From so many times on a change is told as a multiple."""


def before_said(length_ms: int) -> str:
    """How the window before one of this length is called."""
    return f"the {duration(length_ms)} before"


def health_cell(health: Health) -> Cell:
    """The score with its status; hovering tells the cap that holds it down."""
    return Cell(
        NOTHING if health.overall is None else str(health.overall),
        exact=f"At most {health.cap.limit}: {health.cap.detail}" if health.cap else "",
        grade=HEALTH_GRADES[health.status],
        word=health.status,
    )


def health_rank(health: Health) -> float | None:
    """What health is sorted by: its score; what has lost data and is otherwise unknown is worst of all."""
    if health.overall is None:
        return 0 if health.status == "unhealthy" else None
    return health.overall


def health_change(now: Health, before: Health | None) -> int | None:
    """By how many points the score rose or fell; None where either is unknown."""
    if before is None or now.overall is None or before.overall is None:
        return None
    return now.overall - before.overall


def health_trend(now: Health, before: Health | None, before_said: str) -> Trend | None:
    """The same for people; `before_said` names the window before."""
    change = health_change(now, before)
    if change is None:
        return None
    if not change:
        return Trend("flat", None, "±0", f"as in {before_said}")
    points, more = plural(abs(change), "point"), change > 0
    return Trend(
        "up" if more else "down",
        more,
        f"{'+' if more else '−'}{abs(change)}",
        f"{points} {'more' if more else 'less'} than in {before_said}",
    )


def traffic_trend(now: int, before: int | None, before_said: str) -> Trend | None:
    """How the number of sessions moved, which is neither better nor worse; None where there were none before."""
    if not before:
        return None
    times, change = now / before, 100 * (now - before) / before
    if abs(change) < 1:
        return Trend("flat", None, "±0", f"as in {before_said}")
    if times >= _MANY_TIMES:
        return Trend("up", None, f"× {digits(times)}", f"{digits(times)} times as many sessions as in {before_said}")
    size, more = digits(abs(change)), change > 0
    return Trend(
        "up" if more else "down",
        None,
        f"{'+' if more else '−'}{size} %",
        f"{size} % {'more' if more else 'fewer'} sessions than in {before_said}",
    )


def traffic_cell(presence: Presence, all_sessions: int, most: int) -> Cell:
    """Sessions, with a bar as long as they are of `most`; hovering tells their share of all."""
    part = 100 * presence.sessions / all_sessions if all_sessions else 0
    return Cell(
        count(presence.sessions),
        exact=f"{share(part)} % of {plural(all_sessions, 'session')}, {plural(presence.events, 'event')}",
        share=round(100 * presence.sessions / most, 1) if most else 0,
    )
