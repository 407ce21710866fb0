"""Incidents that touch a customer, and a table of those that are over."""

from collections.abc import Iterable

from chatvitals.dashboard.elements.table import Cell, Column, Row, Table
from chatvitals.dashboard.saying import duration
from chatvitals.dashboard.view import View, segment
from chatvitals.store.control.incidents import Incident


def touches(incident: Incident, customer: str) -> bool:
    """Whether an incident is about a customer, or names it among those that it touches most."""
    return incident.labels.get("customer") == customer or customer in incident.blast.customer_names


def past_table(incidents: Iterable[Incident], now_ms: int, view: View) -> Table:
    """What was wrong, how grave it was at its worst, and how long it lasted."""
    return Table(
        "Incidents of the last seven days that are over",
        (
            Column("title", "Incident"),
            Column("severity", "Severity"),
            Column("opened", "Began"),
            Column("lasted", "Lasted", "right"),
            Column("message", "What it was"),
        ),
        tuple(
            Row(
                (
                    Cell(one.title),
                    Cell(one.gravest.value),
                    Cell(moment_ms=one.opened_ms),
                    Cell(duration((one.resolved_ms or now_ms) - one.opened_ms)),
                    Cell(one.message),
                ),
                view.href(f"/dashboard/alerts/{segment(one.id)}"),
            )
            for one in incidents
        ),
    )
