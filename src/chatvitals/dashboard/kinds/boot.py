"""What the boot page shows: pure, from the starts of a window."""

from collections.abc import Sequence
from functools import partial

from chatvitals.dashboard.elements.fact import Fact, MetricLink, sure
from chatvitals.dashboard.elements.funnel import Funnel, Stage, make_steps
from chatvitals.dashboard.elements.table import Cell, Column, Field, Row, Table, cell_of
from chatvitals.dashboard.kinds.meanings import BOOT_REASONS, BOOT_STAGES
from chatvitals.dashboard.kinds.parts import Part, count_field, name_field, quantile_field, unsure_cell
from chatvitals.dashboard.saying import count, plural, show
from chatvitals.query.boot import FAILED, REACHED, READY_TIME, STAGES, TOLD, Starts, funnel_of
from chatvitals.query.boot import Funnel as BootFunnel

_QUANTILES = ("p50", "p95", "p99")


def show_funnel(starts: Starts) -> Funnel:
    """From the page that asked to the widget that can be used, with the time since the request."""
    stages = []
    for stage, told, reached in zip(STAGES, starts.funnel.told, starts.funnel.reached, strict=True):
        what, tally = BOOT_STAGES[stage], starts.stages.get(stage)
        if reached and not told:
            what = f"{what}; no start told of it"
        times = tuple(show(tally.quantile(TOLD, quantile) if tally else None, "ms", "") for quantile in _QUANTILES)
        stages.append(Stage(stage, what, reached, times if stage != STAGES[0] else ()))
    return Funnel("How far starts come", make_steps(stages, "start"), tuple(f"Time, {name}" for name in _QUANTILES))


def boot_facts(starts: Starts, few: int, metric: MetricLink) -> tuple[Fact, ...]:
    """What sums up the starts."""
    funnel, ready = starts.funnel, starts.stages.get("ready")
    requested = starts.stages.get("requested")
    sessions = requested.sessions if requested else 0
    enough = sure(sessions + starts.told_by_host, few)
    return (
        Fact(
            "Starts that became ready",
            show(funnel.ready_share, "%", enough),
            f"{count(funnel.ready)} of {plural(funnel.requested, 'start')} in {plural(sessions, 'session')}",
            metric("boot.readyRate"),
        ),
        Fact(
            "Time to ready, p95",
            show(ready.quantile(TOLD, "p95") if ready else None, "ms", sure(ready[TOLD].n if ready else 0, few)),
            f"median {show(ready.quantile(TOLD, 'p50') if ready else None, 'ms').said}",
            metric("boot.p95Duration"),
        ),
        Fact(
            "Failed, and said why",
            show(funnel.failed, "count"),
            f"{show(_of(funnel.failed, funnel.requested), '%').said} of all starts",
        ),
        Fact(
            "Neither ready nor failed",
            show(funnel.silent, "count"),
            "the visitor left first, or the start is under way",
        ),
        Fact(
            "Told by host pages alone",
            show(starts.told_by_host or None, "count", ""),
            f"{show(_of(starts.told_by_host, funnel.requested), '%').said} of all starts: no script ever ran"
            if starts.told_by_host
            else "none was told of, which is not to say that there were none",
        ),
    )


def reasons_table(starts: Starts) -> Table:
    """Why starts failed, what that means, and what to do."""
    failed, requested = starts.funnel.failed, starts.funnel.requested
    ordered = sorted(starts.reasons.items(), key=lambda item: (-item[1].count(FAILED), item[0]))
    rows = []
    for reason, tally in ordered:
        number, meaning = tally.count(FAILED), BOOT_REASONS.get(reason, BOOT_REASONS[""])
        rows.append(
            Row(
                (
                    Cell(reason or "no reason given"),
                    cell_of(show(number, "count"), _of(number, failed)),
                    cell_of(show(_of(number, requested), "%")),
                    Cell(meaning.means),
                    Cell(meaning.remedy),
                )
            )
        )
    return Table(
        "Why starts failed",
        (
            Column("reason", "Reason"),
            Column("failed", "Failed", "right"),
            Column("share", "Of all starts", "right"),
            Column("means", "What it means"),
            Column("remedy", "What to do"),
        ),
        tuple(rows),
        empty="No start said that it failed.",
    )


def part_fields(parts: Sequence[Part], dimension: str, title: str, few: int) -> tuple[Field[Part], ...]:
    """The columns of the funnel by a dimension."""
    return (
        name_field(dimension, title),
        count_field("starts", "Starts", REACHED["requested"], parts),
        *(
            Field(
                f"{stage}",
                f"To {stage}",
                partial(_reached_cell, index, few),
                partial(_reached, index, few),
                first="ascending",
                help=f"Starts of which {BOOT_STAGES[stage]}, of all",
            )
            for index, stage in enumerate(STAGES)
            if index
        ),
        Field(
            "failed",
            "Failed",
            lambda part: cell_of(show(part.tally.count(FAILED), "count")),
            by=lambda part: part.tally.count(FAILED),
        ),
        quantile_field("p50", "Ready, median", READY_TIME, "p50", "ms", few),
        quantile_field("p95", "Ready, p95", READY_TIME, "p95", "ms", few),
    )


def _reached(index: int, few: int, part: Part) -> float | None:
    """The share of a part's starts that came to a stage; None of too few."""
    return _share_reached(funnel_of(part.tally), index) if part.tally[REACHED["requested"]].n >= few else None


def _reached_cell(index: int, few: int, part: Part) -> Cell:
    return unsure_cell(_share_reached(funnel_of(part.tally), index), "%", part.tally[REACHED["requested"]].n, few)


def _share_reached(funnel: BootFunnel, index: int) -> float | None:
    return _of(funnel.reached[index], funnel.requested)


def _of(part: float, whole: float) -> float | None:
    return 100 * part / whole if whole else None
