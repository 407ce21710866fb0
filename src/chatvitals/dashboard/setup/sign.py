"""Whether anything comes from a site: the sign that people wait for."""

from dataclasses import dataclass

from chatvitals.dashboard.naming import name_of
from chatvitals.dashboard.saying import plural
from chatvitals.query.arrivals import Arrival, find_arrivals
from chatvitals.query.outcomes import count_outcomes
from chatvitals.query.request import Question, Window
from chatvitals.store.events.engine import Engine

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
_LONG_MS = 30 * DAY_MS


@dataclass(frozen=True, slots=True)
class Sign:
    """In words: `words`, the time of an event's arrival, and `whence`. No time where nothing came in the last day.

    `last_ms` is when the last event came, where `at_ms` is the first one's, and `last_whence` where from.
    """

    words: str
    at_ms: int | None
    whence: str
    detail: str
    last_ms: int | None = None
    last_whence: str = ""


def sign_of(engine: Engine, site: str, now_ms: int) -> Sign:
    """Ask whether a site's events come: in the last hour, or else in the last day. Raises EngineError."""
    asked = Question(Window(now_ms - HOUR_MS, now_ms + HOUR_MS), {"site": (site,)})
    found, since = find_arrivals(engine, asked), "hour"
    if found is None:
        found, since = find_arrivals(engine, asked.over(Window(now_ms - DAY_MS, now_ms))), "24 hours"
    if found is None:
        return Sign("Waiting for the first event", None, "", "This changes by itself, within seconds of its arrival.")
    detail = f"{plural(found.events, 'event')} in the last {since}."
    if since == "hour" and not _came_before(engine, asked):
        last = (found.last.at_ms, _whence(found.last)) if found.events > 1 else (None, "")
        return Sign("First event seen", found.first.at_ms, _whence(found.first), detail, *last)
    return Sign("Events come: the last one", found.last.at_ms, _whence(found.last), detail)


def _came_before(engine: Engine, asked: Question) -> bool:
    start_ms = asked.window.start_ms
    return count_outcomes(engine, asked.over(Window(start_ms - _LONG_MS, start_ms))).kept > 0


def _whence(arrival: Arrival) -> str:
    """From acme.example, Chrome 141, on /checkout (render)."""
    where = f"on {arrival.page}" if arrival.page else ""
    parts = (name_of("customer", arrival.customer), arrival.browser, where)
    return f"from {', '.join(filter(None, parts))} ({arrival.kind})"
