"""How far releases were taken up: the share of sessions that each has had over time."""

from collections.abc import Mapping, Sequence

from chatvitals.dashboard.elements.chart import Chart, Line
from chatvitals.dashboard.naming import name_of
from chatvitals.dashboard.page import Visit
from chatvitals.query.buckets import Steps
from chatvitals.query.build import Grouping
from chatvitals.query.figures import GroupKey
from chatvitals.query.presence import ABSENT, Presence, who_was_there
from chatvitals.query.request import Question, Window
from chatvitals.query.trends import trend_window


def chart_adoption(visit: Visit, question: Question, chosen: Sequence[str]) -> Chart:
    """A line for each of the chosen releases. Raises EngineError."""
    window, step_ms = trend_window(question.window)
    there = visit.parts.recent.by_cost(
        ("adoption", window, question.scope, visit.view.where("release").parameters),
        lambda: who_was_there(visit.parts.source, question.over(window), Grouping(Steps(step_ms), ("release",))),
    )
    return draw_adoption(there, window, step_ms, chosen, visit.view.zone)


def draw_adoption(
    there: Mapping[GroupKey, Presence], window: Window, step_ms: int, chosen: Sequence[str], zone: str
) -> Chart:
    """The chart of who was there in each step. Pure; a step in which nobody was is a gap."""
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
        zone=zone,
        start=window.start_ms,
        end=window.end_ms,
        step=step_ms,
        times=times,
        lines=tuple(map(line, chosen)),
    )
