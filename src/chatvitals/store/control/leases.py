"""Leases: which of several servers does a work that only one may do at a time.

Exactness comes from the epoch, never from a clock: each change of hands makes it one more, and whoever writes under a
lease checks it within the transaction (`guard`). Clocks decide only who tries. A lease changes hands when it is over by
the clock of the one who takes it, or when it wasn't renewed for as long as it lasts while that one watched. So

- clocks that differ cost one change of hands at most: the server whose clock is ahead takes it, and keeps it;
- a holder whose clock jumps back, or that was suspended, looks dead and loses it, and then writes nothing;
- a holder that died is followed within one length of its lease, wherever any of the clocks stand.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, insert, select, update
from sqlalchemy.exc import IntegrityError

from chatvitals.clock import Clock
from chatvitals.store.control.database import reading
from chatvitals.store.control.tables import LEASES


@dataclass(frozen=True, slots=True)
class Lease:
    """The right of `holder` to do the work `name`, in this epoch."""

    name: str
    holder: str
    epoch: int


class LeaseLost(Exception):
    """The work is another's by now: stop it. Nothing was written."""


@dataclass(frozen=True, slots=True)
class Held:
    """Who has a lease, and until when, by the holder's clock."""

    lease: Lease
    expires_ms: int


@dataclass(frozen=True, slots=True)
class _Seen:
    """A lease in other hands, unchanged from `since_ms` on."""

    epoch: int
    expires_ms: int
    since_ms: int


class Leases:
    """Takes, renews and gives back leases. Used by one thread at a time."""

    def __init__(self, database: Engine, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._seen: dict[str, _Seen] = {}

    def take(self, name: str, holder: str, ttl_ms: int) -> Lease | None:
        """Take a lease that is free, or renew one's own, for the next `ttl_ms`; None while it is another's."""
        now = self._clock()
        expires = now + ttl_ms
        try:
            with self._database.begin() as connection:
                row = connection.execute(_row(name)).one_or_none()
                if row is None:
                    connection.execute(insert(LEASES).values(name=name, holder=holder, epoch=1, expires_ms=expires))
                    return Lease(name, holder, 1)
                if row.holder != holder and row.expires_ms > now and not self._stood_still(row, ttl_ms, now):
                    return None
                epoch: int = row.epoch + (row.holder != holder)
                connection.execute(
                    update(LEASES).where(LEASES.c.name == name).values(holder=holder, epoch=epoch, expires_ms=expires)
                )
                return Lease(name, holder, epoch)
        except IntegrityError:  # another made it at this moment
            return None

    def _stood_still(self, row: Row[Any], ttl_ms: int, now: int) -> bool:
        """Whether another's lease has been the same for as long as it lasts, by one's own clock."""
        seen = self._seen.get(row.name)
        if seen is None or (seen.epoch, seen.expires_ms) != (row.epoch, row.expires_ms) or seen.since_ms > now:
            self._seen[row.name] = _Seen(row.epoch, row.expires_ms, now)
            return False
        return now - seen.since_ms >= ttl_ms

    def held(self, name: str) -> Held | None:
        """Who has a lease; None where nobody took it yet, or it was given back."""
        with reading(self._database) as connection:
            row = connection.execute(select(LEASES).where(LEASES.c.name == name)).one_or_none()
        return None if row is None or not row.holder else Held(Lease(name, row.holder, row.epoch), row.expires_ms)

    def release(self, lease: Lease) -> None:
        """Give it back, so that another needn't wait for its end. Nothing, where it is another's already."""
        with self._database.begin() as connection:
            connection.execute(
                update(LEASES)
                .where(LEASES.c.name == lease.name, LEASES.c.holder == lease.holder, LEASES.c.epoch == lease.epoch)
                .values(holder="", expires_ms=0)
            )


def guard(connection: Connection, lease: Lease) -> None:
    """Hold the lease to the end of a transaction that has just begun. Raises LeaseLost where it is another's."""
    row = connection.execute(_row(lease.name)).one_or_none()
    if row is None or (row.holder, row.epoch) != (lease.holder, lease.epoch):
        raise LeaseLost(f"{lease.name} changed hands after epoch {lease.epoch}")


def _row(name: str) -> Select[Any]:
    """The lease, locked until the end of the transaction: by the row here, by the file on SQLite."""
    return select(LEASES).where(LEASES.c.name == name).with_for_update()
