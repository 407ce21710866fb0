"""How alerting fares, as tables."""

from collections.abc import Sequence

from chatvitals.dashboard.elements.table import Cell, Column, Row, Table, cell_of
from chatvitals.dashboard.saying import count, show
from chatvitals.dashboard.system_state import AlertingState
from chatvitals.store.control.outbox import ChannelHealth

_LANES = {"fast": "fast, as soon as events are written", "slow": "the others, in their intervals"}


def evaluations_table(alerting: AlertingState) -> Table:
    """The last evaluation of each lane of rules."""
    return Table(
        "Evaluations of this server",
        (
            Column("lane", "Rules"),
            Column("rules", "Evaluated", "right"),
            Column("took", "Took", "right"),
            Column("at", "Last"),
        ),
        tuple(
            Row(
                (
                    Cell(_LANES[one.lane]),
                    Cell(count(one.rules)),
                    cell_of(show(one.took_ms, "ms")),
                    Cell(moment_ms=one.at_ms),
                )
            )
            for one in alerting.ticked
        ),
        empty="This server evaluated none yet." if alerting.here else "Another server evaluates.",
    )


def channels_table(channels: Sequence[ChannelHealth]) -> Table:
    """How each channel of each receiver fares."""
    return Table(
        "Delivery of notifications",
        (
            Column("receiver", "Receiver"),
            Column("channel", "Channel"),
            Column("waiting", "Waiting", "right"),
            Column("dead", "Given up", "right"),
            Column("delivered", "Last delivered"),
            Column("failed", "Last failed"),
            Column("error", "Why"),
        ),
        tuple(
            Row(
                (
                    Cell(one.receiver),
                    Cell(one.channel),
                    Cell(count(one.waiting)),
                    Cell(count(one.dead), grade="bad" if one.dead else "", word="given up" if one.dead else ""),
                    Cell("never") if one.delivered_ms is None else Cell(moment_ms=one.delivered_ms),
                    Cell("never") if one.failed_ms is None else Cell(moment_ms=one.failed_ms),
                    Cell(one.error or "–"),
                )
            )
            for one in channels
        ),
        empty="No notification waits, and none was delivered or given up lately.",
    )
