"""Saved views, as rows of the control store: dashboards that people put together, one an address.

Who changes one says which revision that is a change of, so that nobody overwrites what they haven't seen.
"""

from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Engine, Row, delete, func, select, update

from chatvitals.errors import Conflict
from chatvitals.store.control.database import reading
from chatvitals.store.control.inserting import insert_missing
from chatvitals.store.control.tables import SAVED_VIEWS

NEW = 0
"""The revision that a view has before there is one."""

MOST = 1_000
KEPT_REMOVED_MS = 30 * 86_400_000
"""How many views there may be, and how long one that was removed can be put back."""


class SavedViewRow(Struct, frozen=True, kw_only=True):
    """A view as it is kept: `document` is JSON, `slug` its part of an address. Times are Unix milliseconds."""

    id: str
    slug: str
    name: str
    document: str
    revision: int
    created_ms: int
    created_by: str
    updated_ms: int
    updated_by: str


class Change(Struct, frozen=True, kw_only=True):
    """What a view shall be, of which revision that is a change, by whom and when. `id` is that of a new one."""

    id: str
    slug: str
    name: str
    document: str
    revision: int
    who: str
    at_ms: int


class SavedViews:
    """Reads and writes them."""

    def __init__(self, database: Engine) -> None:
        self._database = database

    def all(self) -> list[SavedViewRow]:
        """Every view, by name."""
        query = select(SAVED_VIEWS).where(SAVED_VIEWS.c.removed_ms.is_(None))
        with reading(self._database) as connection:
            rows = connection.execute(query.order_by(func.lower(SAVED_VIEWS.c.name), SAVED_VIEWS.c.slug)).all()
        return [_read(row) for row in rows]

    def get(self, slug: str) -> SavedViewRow | None:
        """The view of an address; None where there is none."""
        with reading(self._database) as connection:
            return _find(connection, slug)

    def put(self, change: Change) -> SavedViewRow:
        """Make a view, or change one, and return it as it is then. Raises Conflict where it isn't at that revision."""
        with self._database.begin() as connection:
            there = _find(connection, change.slug, to_change=True)
            _refuse_another_revision(there, change)
            if there is None:
                _insert(connection, change)
            else:
                values: dict[str, Any] = {"name": change.name, "document": change.document}
                values |= {"revision": there.revision + 1, "updated_ms": change.at_ms, "updated_by": change.who}
                connection.execute(update(SAVED_VIEWS).where(SAVED_VIEWS.c.id == there.id).values(values))
            put = _find(connection, change.slug)
            assert put is not None
            if there is None and put.id != change.id:  # two made it at once, and the other one came first
                raise _overtaken(put)
            return put

    def remove(self, slug: str, now_ms: int, revision: int | None = None) -> SavedViewRow | None:
        """Remove a view, and return it; None where there is none. It can be put back for 30 days.

        Raises Conflict where it isn't at that revision, if one is given.
        """
        with self._database.begin() as connection:
            there = _find(connection, slug, to_change=True)
            if there is None:
                return None
            if revision not in (None, there.revision):
                raise _overtaken(there)
            connection.execute(update(SAVED_VIEWS).where(SAVED_VIEWS.c.id == there.id).values(removed_ms=now_ms))
            connection.execute(delete(SAVED_VIEWS).where(SAVED_VIEWS.c.removed_ms < now_ms - KEPT_REMOVED_MS))
            return there

    def put_back(self, id: str) -> SavedViewRow | None:
        """Undo a removal, and return the view; None where it is gone for good, or its address is another's by now."""
        with self._database.begin() as connection:
            connection.execute(update(SAVED_VIEWS).where(SAVED_VIEWS.c.id == id).values(removed_ms=None))
            row = connection.execute(select(SAVED_VIEWS).where(SAVED_VIEWS.c.id == id)).one_or_none()
            return None if row is None else _read(row)


def _find(connection: Connection, slug: str, *, to_change: bool = False) -> SavedViewRow | None:
    query = select(SAVED_VIEWS).where(SAVED_VIEWS.c.slug == slug, SAVED_VIEWS.c.removed_ms.is_(None))
    row = connection.execute(query.with_for_update() if to_change else query).one_or_none()
    return None if row is None else _read(row)


def _refuse_another_revision(there: SavedViewRow | None, change: Change) -> None:
    if there is None and change.revision != NEW:
        raise Conflict(f"the view {change.slug!r} was removed meanwhile: give revision {NEW} to make it anew")
    if there is not None and change.revision != there.revision:
        raise _overtaken(there)


def _overtaken(there: SavedViewRow) -> Conflict:
    return Conflict(
        f"{there.updated_by} changed the view {there.slug!r} meanwhile, it is at revision {there.revision} now:"
        " nothing of yours was kept; look at it as it is, and do again what is still wanted"
    )


def _insert(connection: Connection, change: Change) -> None:
    if (connection.scalar(select(func.count()).where(SAVED_VIEWS.c.removed_ms.is_(None))) or 0) >= MOST:
        raise Conflict(f"there are {MOST:,} views already: remove one that is not needed")
    connection.execute(delete(SAVED_VIEWS).where(SAVED_VIEWS.c.slug == change.slug))  # one that was removed
    row = {"id": change.id, "slug": change.slug, "name": change.name, "document": change.document, "revision": NEW + 1}
    row |= {"created_ms": change.at_ms, "created_by": change.who}
    row |= {"updated_ms": change.at_ms, "updated_by": change.who}
    insert_missing(connection, SAVED_VIEWS, [row])


def _read(row: Row[Any]) -> SavedViewRow:
    return SavedViewRow(**{name: row._mapping[name] for name in SavedViewRow.__struct_fields__})
