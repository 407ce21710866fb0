"""The outbox, as rows of the control store: what is to be delivered on which channel, and what became of it."""

from collections.abc import Callable, Sequence
from enum import StrEnum

from msgspec import Struct, to_builtins
from msgspec.json import encode
from msgspec.structs import replace
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Select,
    and_,
    case,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)

from chatvitals.store.control.database import reading
from chatvitals.store.control.inserting import insert_missing
from chatvitals.store.control.tables import OUTBOX


class LetterStatus(StrEnum):
    """What became of a letter."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"
    """Given up; somebody can have it sent again."""


class Letter(Struct, frozen=True, kw_only=True):
    """One notification for one channel of a receiver; `document` is the notification in JSON.

    Letters of one thread are delivered on a channel in the order in which they were made.
    """

    id: str
    notification: str
    receiver: str
    channel: str
    thread: str
    created_ms: int
    due_ms: int
    document: str


class LetterRecord(Letter, frozen=True, kw_only=True):
    """A letter, and how far it is. `failed_ms` and `error` are of the last attempt that failed."""

    status: LetterStatus
    attempts: int
    failed_ms: int | None
    ended_ms: int | None
    error: str


class Queue(Struct, frozen=True):
    """A channel with letters waiting; `due_ms` is when the first of them may be sent."""

    receiver: str
    channel: str
    due_ms: int


class ChannelHealth(Struct, frozen=True, kw_only=True):
    """How a channel fares, as far as the outbox remembers."""

    receiver: str
    channel: str
    waiting: int
    dead: int
    delivered_ms: int | None
    failed_ms: int | None
    error: str


def insert_letters(connection: Connection, letters: Sequence[Letter]) -> None:
    """Put letters into the outbox, those that aren't in it yet."""
    fresh = {"status": LetterStatus.WAITING.value, "attempts": 0, "error": ""}
    insert_missing(connection, OUTBOX, [to_builtins(letter) | fresh for letter in letters])


def nobody_else(_connection: Connection) -> None:
    """The guard of an outbox that has one server only."""


class Outbox:
    """Who delivers takes one letter at a time, and says what became of it; others look, and have some sent again."""

    def __init__(self, database: Engine, guard: Callable[[Connection], None] = nobody_else) -> None:
        """`guard` is called in the transaction that takes a letter, and raises where another server delivers."""
        self._database = database
        self._guard = guard

    # to deliver

    def queues(self) -> list[Queue]:
        """The channels with letters waiting."""
        heads = (
            select(OUTBOX.c.receiver, OUTBOX.c.channel, func.min(OUTBOX.c.due_ms).label("due_ms"))
            .where(_is_head())
            .group_by(OUTBOX.c.receiver, OUTBOX.c.channel)
        )
        with reading(self._database) as connection:
            return [Queue(row.receiver, row.channel, row.due_ms) for row in connection.execute(heads)]

    def take(self, receiver: str, channel: str, now_ms: int, until_ms: int) -> LetterRecord | None:
        """The letter of a channel that has been due the longest, for an attempt, which is counted; None for none.

        Nobody else gets it before `until_ms`. Whoever is killed meanwhile leaves it to be taken again then.
        """
        due = (
            select(OUTBOX)
            .where(OUTBOX.c.receiver == receiver, OUTBOX.c.channel == channel, OUTBOX.c.due_ms <= now_ms, _is_head())
            .order_by(OUTBOX.c.due_ms, OUTBOX.c.created_ms, OUTBOX.c.id)
            .limit(1)
        )
        with self._database.begin() as connection:
            self._guard(connection)
            found = _records(connection, due)
            if not found:
                return None
            (letter,) = found
            taken = connection.execute(
                update(OUTBOX).where(_is_still(letter)).values(attempts=OUTBOX.c.attempts + 1, due_ms=until_ms)
            )
        if taken.rowcount == 0:  # by another, between our reading and our writing
            return None
        return replace(letter, attempts=letter.attempts + 1, due_ms=until_ms)

    def deliver(self, letter: LetterRecord, now_ms: int) -> None:
        """It is delivered, whoever else may have taken it since."""
        with self._database.begin() as connection:
            connection.execute(
                update(OUTBOX)
                .where(OUTBOX.c.id == letter.id)
                .values(status=LetterStatus.DELIVERED.value, ended_ms=now_ms)
            )

    def fail(self, letter: LetterRecord, now_ms: int, error: str, due_ms: int | None) -> None:
        """It was not delivered, and is due again at `due_ms`, or dead. Nothing, where another has taken it since."""
        values = {"failed_ms": now_ms, "error": error}
        if due_ms is None:
            values |= {"status": LetterStatus.DEAD.value, "ended_ms": now_ms}
        else:
            values |= {"due_ms": due_ms}
        with self._database.begin() as connection:
            connection.execute(update(OUTBOX).where(_is_still(letter)).values(values))

    def clean(self, delivered_before_ms: int, dead_before_ms: int, limit: int) -> int:
        """Remove letters that ended long ago, at most `limit`; how many they were."""
        bounds = {LetterStatus.DELIVERED: delivered_before_ms, LetterStatus.DEAD: dead_before_ms}
        old = select(OUTBOX.c.id).where(
            or_(*(and_(OUTBOX.c.status == status.value, OUTBOX.c.ended_ms < bound) for status, bound in bounds.items()))
        )
        with self._database.begin() as connection:
            return connection.execute(delete(OUTBOX).where(OUTBOX.c.id.in_(old.limit(limit)))).rowcount

    # to look

    def find(self, limit: int, status: LetterStatus | None = None) -> list[LetterRecord]:
        """The newest letters, of one status or of all."""
        wanted = select(OUTBOX).order_by(OUTBOX.c.created_ms.desc(), OUTBOX.c.id).limit(limit)
        if status is not None:
            wanted = wanted.where(OUTBOX.c.status == status.value)
        with reading(self._database) as connection:
            return _records(connection, wanted)

    def get(self, id: str) -> LetterRecord | None:
        """One letter."""
        with reading(self._database) as connection:
            return next(iter(_records(connection, select(OUTBOX).where(OUTBOX.c.id == id))), None)

    def about(self, incident: str, from_ms: int, to_ms: int, limit: int) -> list[LetterRecord]:
        """The newest letters that were made from one moment up to another and tell of an incident."""
        named = OUTBOX.c.document.contains(f'"incident":{encode(incident).decode()}', autoescape=True)
        wanted = select(OUTBOX).where(OUTBOX.c.created_ms >= from_ms, OUTBOX.c.created_ms <= to_ms, named)
        with reading(self._database) as connection:
            return _records(connection, wanted.order_by(OUTBOX.c.created_ms.desc(), OUTBOX.c.id).limit(limit))

    def health(self) -> list[ChannelHealth]:
        """How each channel fares that had letters."""
        sums = (
            select(
                OUTBOX.c.receiver,
                OUTBOX.c.channel,
                _count(LetterStatus.WAITING).label("waiting"),
                _count(LetterStatus.DEAD).label("dead"),
                func.max(case((OUTBOX.c.status == LetterStatus.DELIVERED.value, OUTBOX.c.ended_ms))).label(
                    "delivered_ms"
                ),
                func.max(OUTBOX.c.failed_ms).label("failed_ms"),
            )
            .group_by(OUTBOX.c.receiver, OUTBOX.c.channel)
            .subquery()
        )
        error = (
            select(OUTBOX.c.error)
            .where(
                OUTBOX.c.receiver == sums.c.receiver,
                OUTBOX.c.channel == sums.c.channel,
                OUTBOX.c.failed_ms == sums.c.failed_ms,
            )
            .limit(1)
            .scalar_subquery()
        )
        with reading(self._database) as connection:
            rows = connection.execute(
                select(sums, error.label("error")).order_by(sums.c.receiver, sums.c.channel)
            ).all()
        return [ChannelHealth(**{**row._mapping, "error": row.error or ""}) for row in rows]

    def resend(self, id: str, now_ms: int) -> bool:
        """Let a dead letter wait again, with all attempts before it; False where there is no such dead letter."""
        with self._database.begin() as connection:
            changed = connection.execute(
                update(OUTBOX)
                .where(OUTBOX.c.id == id, OUTBOX.c.status == LetterStatus.DEAD.value)
                .values(status=LetterStatus.WAITING.value, attempts=0, due_ms=now_ms, ended_ms=None)
            )
            return changed.rowcount > 0


def _is_head() -> ColumnElement[bool]:
    """Waiting, with no letter of its thread that waits before it on its channel."""
    before = OUTBOX.alias("before")
    return and_(
        OUTBOX.c.status == LetterStatus.WAITING.value,
        ~exists().where(
            before.c.status == LetterStatus.WAITING.value,
            before.c.receiver == OUTBOX.c.receiver,
            before.c.channel == OUTBOX.c.channel,
            before.c.thread == OUTBOX.c.thread,
            or_(
                before.c.created_ms < OUTBOX.c.created_ms,
                and_(before.c.created_ms == OUTBOX.c.created_ms, before.c.id < OUTBOX.c.id),
            ),
        ),
    )


def _is_still(letter: LetterRecord) -> ColumnElement[bool]:
    """It waits, and nobody made an attempt since this was read."""
    return and_(
        OUTBOX.c.id == letter.id,
        OUTBOX.c.status == LetterStatus.WAITING.value,
        OUTBOX.c.attempts == letter.attempts,
    )


def _count(status: LetterStatus) -> ColumnElement[int]:
    return func.sum(case((OUTBOX.c.status == status.value, 1), else_=0))


def _records(connection: Connection, wanted: Select[tuple[object, ...]]) -> list[LetterRecord]:
    return [
        LetterRecord(**{**row, "status": LetterStatus(row["status"])}) for row in connection.execute(wanted).mappings()
    ]
