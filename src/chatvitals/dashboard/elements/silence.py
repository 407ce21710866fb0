"""Silences as people read them. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from chatvitals.dashboard.view import segment
from chatvitals.store.control.silences import Silence, SilenceStatus

STATUS_WORDS = {SilenceStatus.PENDING: "upcoming", SilenceStatus.ACTIVE: "active", SilenceStatus.EXPIRED: "ended"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceRow:
    """A silence in a list: all of `matchers` have to hold. `end` is the path of the action that ends it, empty where it
    has ended; `again` leads to the form for another of its kind."""

    id: str
    status: str
    matchers: tuple[str, ...]
    reason: str
    author: str
    starts_ms: int
    ends_ms: int
    end: str
    again: str


def silence_rows(silences: Iterable[Silence], now_ms: int) -> tuple[SilenceRow, ...]:
    """Rows in the order of the silences."""
    return tuple(_row(silence, now_ms) for silence in silences)


def _row(silence: Silence, now_ms: int) -> SilenceRow:
    status, id = silence.status_at(now_ms), segment(silence.id)
    over = status is SilenceStatus.EXPIRED
    return SilenceRow(
        id=silence.id,
        status=STATUS_WORDS[status],
        matchers=silence.matchers,
        reason=silence.reason,
        author=silence.author,
        starts_ms=silence.starts_ms,
        ends_ms=silence.ends_ms,
        end="" if over else f"/dashboard/silences/{id}/end",
        again=f"/dashboard/silences/new?like={id}",
    )
