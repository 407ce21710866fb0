"""What came, over time and by what became of it."""

from chatvitals.dashboard.elements.chart import Chart, Line
from chatvitals.dashboard.elements.table import Cell, Column, Row, Table
from chatvitals.dashboard.saying import count, share
from chatvitals.dashboard.system.meanings import meaning_of
from chatvitals.query.outcomes import MINUTE_MS, OutcomeCount, Outcomes, OutcomeSteps
from chatvitals.query.request import Window

_STEPS = 120
"""About so many steps a chart has."""

_COLUMNS = (
    Column("outcome", "Outcome"),
    Column("reason", "Reason"),
    Column("site", "Site"),
    Column("n", "Events", "right"),
    Column("means", "What it means"),
    Column("todo", "What to do"),
)
NO_SITE = "no valid key told it"


def step_for(window: Window) -> int:
    """The length of a chart's steps, in whole minutes, in milliseconds."""
    return max(1, -(-window.length_ms // (_STEPS * MINUTE_MS))) * MINUTE_MS


def received_chart(steps: OutcomeSteps, zone: str, now_ms: int) -> Chart:
    """Events a second. A step that isn't over yet is divided by what of it is."""
    times = tuple(steps.start_ms + number * steps.step_ms for number in range(len(steps.received)))

    def rates(events: tuple[int, ...]) -> tuple[float | None, ...]:
        lengths = (min(steps.step_ms, now_ms - time) / 1_000 for time in times)
        return tuple(n / length if length > 0 else None for n, length in zip(events, lengths, strict=True))

    return Chart(
        id="system.received",
        title="Events received",
        unit="events/s",
        zone=zone,
        start=steps.start_ms,
        end=steps.start_ms + len(times) * steps.step_ms,
        step=steps.step_ms,
        times=times,
        lines=(
            Line("received", "part", rates(steps.received), steps.received),
            Line("kept", "part", rates(steps.kept), steps.kept),
        ),
    )


def outcomes_table(outcomes: Outcomes) -> Table:
    """What became of the events, what wasn't kept first, the most frequent first."""
    ordered = sorted(outcomes.outcomes, key=lambda one: (_kept(one), -one.n))
    return Table(
        "What became of received events",
        _COLUMNS,
        tuple(Row(_cells(one, outcomes.received)) for one in ordered),
        empty="Nothing was received in this window.",
    )


def _kept(counted: OutcomeCount) -> bool:
    meaning = meaning_of(counted.outcome, counted.reason)
    return meaning is not None and meaning.kept


def _cells(counted: OutcomeCount, received: int) -> tuple[Cell, ...]:
    meaning = meaning_of(counted.outcome, counted.reason)
    percent = 100 * counted.n / received
    return (
        Cell(counted.outcome),
        Cell(counted.reason or "–"),
        Cell(counted.site or NO_SITE),
        Cell(count(counted.n), exact=f"{share(percent)} % of these events", share=percent),
        Cell(meaning.means if meaning else "not known to this version"),
        Cell(meaning.todo or "–" if meaning else "–"),
    )
