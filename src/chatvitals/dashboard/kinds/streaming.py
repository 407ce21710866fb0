"""What the streaming page shows: pure, from the streamed answers of a window."""

from collections.abc import Sequence

from chatvitals.catalogue.measures import Measure
from chatvitals.dashboard.elements.chart import Chart, Line, Role
from chatvitals.dashboard.elements.fact import Fact, MetricLink, sure
from chatvitals.dashboard.elements.stack import Segment, Tone, stack
from chatvitals.dashboard.elements.table import Cell, Column, Field, Row, Table, cell_of
from chatvitals.dashboard.kinds.meanings import STREAM_OUTCOMES
from chatvitals.dashboard.kinds.parts import (
    Part,
    count_field,
    name_field,
    quantile_field,
    sessions_field,
    share_field,
)
from chatvitals.dashboard.saying import plural, show
from chatvitals.query.request import Window
from chatvitals.query.streaming import (
    ANSWERS,
    CHUNK_TO_PAINT,
    ENDED,
    FIRST_CHUNK,
    FIRST_PAINT,
    LATE_FRAMES,
    LONGEST_STALL,
    STUTTERED,
    Course,
)
from chatvitals.query.tally import Tally

SHOWN_OUTCOMES = ("complete", "resumed", "aborted", "truncated", "orphaned")
_TONES: dict[str, Tone] = {
    "complete": "good",
    "resumed": "accent",
    "aborted": "unknown",
    "truncated": "bad",
    "orphaned": "warning",
}
_QUANTILES: tuple[tuple[str, Role], ...] = (("p50", "p50"), ("p95", "p95"), ("p99", "p99"))
_WAITS = (
    ("First chunk", FIRST_CHUNK, "from the request until the first piece is there"),
    ("First paint", FIRST_PAINT, "from the request until the first piece is seen"),
    ("Chunk to paint", CHUNK_TO_PAINT, "what the widget itself adds to the first piece"),
    ("Longest stall", LONGEST_STALL, "the longest wait between two pieces of an answer"),
)


def answer_facts(answers: Tally, few: int, metric: MetricLink) -> tuple[Fact, ...]:
    """What sums up the answers."""
    n = answers[ANSWERS].n
    enough = sure(n, few)
    whole = plural(answers.count(ANSWERS), "answer")
    late = answers.mean(LATE_FRAMES)
    return (
        Fact("Arrived whole", show(answers.share(ENDED["complete"], ANSWERS), "%", enough), f"of {whole}"),
        Fact(
            "Cut short",
            show(answers.share(ENDED["truncated"], ANSWERS), "%", enough),
            f"{plural(answers.count(ENDED['truncated']), 'answer')} whose rest never came",
            metric("delivery.stream.truncatedRate"),
        ),
        *(
            Fact(
                f"{title}, p95",
                show(answers.quantile(measure, "p95"), "ms", sure(answers[measure].n, few)),
                f"median {show(answers.quantile(measure, 'p50'), 'ms').said}",
                metric("delivery.stream.p95FirstPaint") if measure is FIRST_PAINT else "",
            )
            for title, measure, _ in _WAITS
        ),
        Fact(
            "Late frames an answer",
            show(late, "count") if late is None or late >= 10 else show(late, ""),
            f"{show(answers.share(STUTTERED, LATE_FRAMES), '%').said} of answers had any",
        ),
    )


def outcome_bar(answers: Tally) -> tuple[Segment, ...]:
    """How answers ended, side by side."""
    return stack((outcome, answers.count(ENDED[outcome]), _TONES[outcome]) for outcome in SHOWN_OUTCOMES)


def outcomes_table(answers: Tally) -> Table:
    """How answers ended."""
    whole = answers.count(ANSWERS)
    return Table(
        "Outcomes",
        (
            Column("outcome", "Outcome"),
            Column("means", "What it means"),
            Column("answers", "Answers", "right"),
            Column("share", "Of all", "right"),
        ),
        tuple(
            Row(
                (
                    Cell(outcome),
                    Cell(STREAM_OUTCOMES[outcome]),
                    cell_of(show(answers.count(ENDED[outcome]), "count")),
                    cell_of(show(answers.share(ENDED[outcome], ANSWERS), "%"), answers.share(ENDED[outcome], ANSWERS)),
                )
            )
            for outcome in SHOWN_OUTCOMES
        ),
        empty="" if whole else "No answer was streamed.",
    )


def waits_table(answers: Tally) -> Table:
    """How long visitors waited, as percentiles."""
    return Table(
        "Waits",
        (
            Column("wait", "Wait"),
            Column("means", "What it is"),
            *(Column(name, name, "right") for name, _ in _QUANTILES),
            Column("n", "Answers that tell", "right"),
        ),
        tuple(
            Row(
                (
                    Cell(title),
                    Cell(what),
                    *(cell_of(show(answers.quantile(measure, name), "ms")) for name, _ in _QUANTILES),
                    cell_of(show(answers.count(measure), "count")),
                )
            )
            for title, measure, what in _WAITS
        ),
    )


def outcomes_chart(course: Course, window: Window, zone: str, few: int, sessions_href: str) -> Chart:
    """The answers that didn't simply arrive, in percent of all, over time."""
    lines = tuple(
        Line(
            outcome,
            "part",
            tuple(step.share(ENDED[outcome], ANSWERS) if step else None for step in course.steps),
            _samples(course, ANSWERS),
        )
        for outcome in SHOWN_OUTCOMES
        if outcome != "complete"
    )
    return Chart(
        id="streaming-outcomes",
        title="Answers that didn't simply arrive",
        unit="%",
        zone=zone,
        start=window.start_ms,
        end=window.end_ms,
        step=course.step_ms,
        times=course.times,
        lines=lines,
        few=few,
        sessions_href=sessions_href,
    )


def waits_charts(course: Course, window: Window, zone: str, few: int, sessions_href: str) -> tuple[Chart, ...]:
    """Each wait over time."""
    return tuple(
        Chart(
            id=f"streaming-{measure.name}",
            title=title,
            unit="ms",
            zone=zone,
            start=window.start_ms,
            end=window.end_ms,
            step=course.step_ms,
            times=course.times,
            lines=tuple(
                Line(
                    name,
                    role,
                    tuple(step.quantile(measure, name) if step else None for step in course.steps),
                    _samples(course, measure),
                )
                for name, role in _QUANTILES
            ),
            few=few,
            sessions_href=sessions_href,
        )
        for title, measure, _ in _WAITS
    )


def _samples(course: Course, measure: Measure) -> tuple[int, ...]:
    return tuple(step[measure].n if step else 0 for step in course.steps)


def part_fields(parts: Sequence[Part], dimension: str, title: str, few: int) -> tuple[Field[Part], ...]:
    """The columns of the answers by a dimension."""
    return (
        name_field(dimension, title),
        count_field("answers", "Answers", ANSWERS, parts),
        sessions_field(),
        share_field("truncated", "Cut short", ENDED["truncated"], ANSWERS, few),
        share_field("aborted", "Stopped", ENDED["aborted"], ANSWERS, few),
        share_field("orphaned", "Left", ENDED["orphaned"], ANSWERS, few, STREAM_OUTCOMES["orphaned"]),
        quantile_field("chunk", "First chunk, p95", FIRST_CHUNK, "p95", "ms", few),
        quantile_field("paint", "First paint, p95", FIRST_PAINT, "p95", "ms", few),
        quantile_field("own", "Chunk to paint, p95", CHUNK_TO_PAINT, "p95", "ms", few),
        quantile_field("stall", "Longest stall, p95", LONGEST_STALL, "p95", "ms", few),
        share_field("late", "With late frames", STUTTERED, LATE_FRAMES, few),
    )
