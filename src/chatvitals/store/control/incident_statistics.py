"""Counts and times of incidents: how many, how grave, how fast they were taken on and ended, and by which rules."""

from collections.abc import Iterable
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Numeric, cast, func, select

from chatvitals.store.control.tables import INCIDENTS


class RuleCount(Struct, rename="camel", frozen=True):
    """A rule and how many incidents it opened."""

    rule: str
    incidents: int


class IncidentStatistics(Struct, rename="camel", frozen=True, kw_only=True):
    """Of incidents. Mean times are from their opening, in ms, over those it happened to; None where there is none.

    `noisiest` are the ten rules that opened most of them.
    """

    total: int
    by_severity: dict[str, int]
    by_category: dict[str, int]
    by_status: dict[str, int]
    mean_to_acknowledge_ms: float | None
    mean_to_resolve_ms: float | None
    noisiest: tuple[RuleCount, ...]


_NOISIEST = 10


def count_incidents(connection: Connection, clause: ColumnElement[bool]) -> IncidentStatistics:
    """The statistics of the incidents for which a condition holds."""
    columns = INCIDENTS.c
    by_rule = _counts(connection, columns.rule, clause)
    by_status = _counts(connection, columns.status, clause)
    acknowledged, resolved = connection.execute(
        select(_mean_since_opened(columns.acknowledged_ms), _mean_since_opened(columns.resolved_ms)).where(clause)
    ).one()
    return IncidentStatistics(
        total=sum(by_status.values()),
        by_severity=_counts(connection, columns.severity, clause),
        by_category=_counts(connection, columns.category, clause),
        by_status=by_status,
        mean_to_acknowledge_ms=_number(acknowledged),
        mean_to_resolve_ms=_number(resolved),
        noisiest=tuple(RuleCount(rule, n) for rule, n in _largest(by_rule.items())),
    )


def _counts(connection: Connection, column: ColumnElement[str], clause: ColumnElement[bool]) -> dict[str, int]:
    query = select(column, func.count()).where(clause).group_by(column).order_by(column)
    return dict(connection.execute(query).all())


def _largest(counts: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    return sorted(counts, key=lambda count: (-count[1], count[0]))[:_NOISIEST]


def _mean_since_opened(column: ColumnElement[int]) -> ColumnElement[Any]:
    """NULL where the column always is."""
    return func.avg(cast(column - INCIDENTS.c.opened_ms, Numeric))


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
