"""Silences, as rows of the control store: which incidents nobody is told of for a while, why, and who wants that."""

from collections.abc import Collection
from enum import StrEnum

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Engine, Row, Select, and_, false, insert, or_, select, update

from chatvitals.store.control.database import reading
from chatvitals.store.control.tables import SILENCES


class SilenceStatus(StrEnum):
    """Where a silence is at a moment."""

    PENDING = "pending"
    ACTIVE = "active"
    EXPIRED = "expired"


class Silence(Struct, rename="camel", frozen=True, kw_only=True):
    """In force from `starts_ms` on, up to but without `ends_ms`, for incidents for which all matchers hold."""

    id: str
    matchers: tuple[str, ...]
    starts_ms: int
    ends_ms: int
    reason: str
    author: str
    created_ms: int

    def status_at(self, now_ms: int) -> SilenceStatus:
        """Where it is at a moment."""
        if now_ms >= self.ends_ms:
            return SilenceStatus.EXPIRED
        return SilenceStatus.ACTIVE if now_ms >= self.starts_ms else SilenceStatus.PENDING


class Silences:
    """Keeps silences. They are ended, not removed: who was told nothing, and why, stays known."""

    def __init__(self, database: Engine) -> None:
        self._database = database

    def add(self, silence: Silence) -> None:
        """Keep one."""
        row = msgspec.structs.asdict(silence) | {"matchers": msgspec.json.encode(silence.matchers).decode()}
        with self._database.begin() as connection:
            connection.execute(insert(SILENCES).values(row))

    def get(self, id: str) -> Silence | None:
        """One by its id."""
        with reading(self._database) as connection:
            return next(iter(_read(connection, select(SILENCES).where(SILENCES.c.id == id))), None)

    def find(self, statuses: Collection[SilenceStatus], now_ms: int, limit: int) -> list[Silence]:
        """Those of any of some statuses; the last to end first."""
        clauses = {
            SilenceStatus.EXPIRED: SILENCES.c.ends_ms <= now_ms,
            SilenceStatus.ACTIVE: _in_force(now_ms),
            SilenceStatus.PENDING: and_(SILENCES.c.starts_ms > now_ms, SILENCES.c.ends_ms > now_ms),
        }
        query = select(SILENCES).where(or_(false(), *(clauses[status] for status in statuses)))
        query = query.order_by(SILENCES.c.ends_ms.desc(), SILENCES.c.id).limit(limit)
        with reading(self._database) as connection:
            return _read(connection, query)

    def end(self, id: str, now_ms: int) -> Silence | None:
        """End one that hasn't ended yet; one that hasn't begun never will. None where there is none of that id."""
        with self._database.begin() as connection:
            connection.execute(
                update(SILENCES).where(SILENCES.c.id == id, SILENCES.c.ends_ms > now_ms).values(ends_ms=now_ms)
            )
            return next(iter(_read(connection, select(SILENCES).where(SILENCES.c.id == id))), None)


def read_in_force(connection: Connection, now_ms: int) -> list[Silence]:
    """The silences that are active at a moment."""
    return _read(connection, select(SILENCES).where(_in_force(now_ms)).order_by(SILENCES.c.id))


def _in_force(now_ms: int) -> ColumnElement[bool]:
    return and_(SILENCES.c.starts_ms <= now_ms, SILENCES.c.ends_ms > now_ms)


def _read(connection: Connection, query: Select[tuple[object, ...]]) -> list[Silence]:
    return [_silence(row) for row in connection.execute(query)]


def _silence(row: Row[tuple[object, ...]]) -> Silence:
    return Silence(**{**row._mapping, "matchers": msgspec.json.decode(row.matchers, type=tuple[str, ...])})
