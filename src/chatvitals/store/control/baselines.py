"""Baselines: figures captured once to compare later ones with, as rows of the control store."""

from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec
from msgspec import Struct, structs
from sqlalchemy import Row, delete, func, insert, select
from sqlalchemy.exc import IntegrityError

from chatvitals.store.control.database import Database, reading
from chatvitals.store.control.tables import BASELINES

ALL_RELEASES = ""


class CapturedFigure(Struct, rename="camel", frozen=True):
    """A metric as it was: None where nothing was measured; the samples and sessions behind it."""

    value: float | None
    n: int
    sessions: int


class BaselineHead(Struct, rename="camel", frozen=True, kw_only=True):
    """Which baseline it is: of a site, and of one release or, where that is empty, of all. Times are Unix ms."""

    id: str
    name: str
    site: str
    release: str
    captured_ms: int
    captured_by: str
    from_ms: int
    to_ms: int


class Baseline(BaselineHead, frozen=True, kw_only=True):
    """A baseline with its figures, by the metrics' paths."""

    figures: Mapping[str, CapturedFigure]


_FIGURES = msgspec.json.Decoder(dict[str, CapturedFigure])
_HEAD = [BASELINES.c[name] for name in BaselineHead.__struct_fields__]
_NEWEST_FIRST = (BASELINES.c.captured_ms.desc(), BASELINES.c.site, BASELINES.c.release, BASELINES.c.id)


class Baselines:
    """Keeps baselines. Those of one capture have the same name and the same time."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, baselines: Sequence[Baseline]) -> bool:
        """Keep these, all or none; False where one of these ids is there already."""
        rows = [structs.asdict(one) | {"figures": msgspec.json.encode(one.figures).decode()} for one in baselines]
        try:
            with self._database.begin() as connection:
                if rows:
                    connection.execute(insert(BASELINES), rows)
        except IntegrityError:
            return False
        return True

    def find(self, limit: int, name: str = "", site: str = "", release: str | None = None) -> list[BaselineHead]:
        """Those of a name, site and release, as far as they are given; the newest first, at most `limit`."""
        query = select(*_HEAD).order_by(*_NEWEST_FIRST).limit(limit)
        if name:
            query = query.where(BASELINES.c.name == name)
        if site:
            query = query.where(BASELINES.c.site == site)
        if release is not None:
            query = query.where(BASELINES.c.release == release)
        with reading(self._database) as connection:
            return [BaselineHead(**row._mapping) for row in connection.execute(query)]

    def newest_ms(self, name: str) -> int | None:
        """When baselines of a name were captured last."""
        with reading(self._database) as connection:
            newest: int | None = connection.scalar(
                select(func.max(BASELINES.c.captured_ms)).where(BASELINES.c.name == name)
            )
        return newest

    def get(self, id: str) -> Baseline | None:
        """One by its id."""
        with reading(self._database) as connection:
            row = connection.execute(select(BASELINES).where(BASELINES.c.id == id)).one_or_none()
        return None if row is None else _baseline(row)

    def in_force(self, names: Collection[str], at_ms: int) -> list[Baseline]:
        """Of each of these names, and of each site and release, the newest that was captured up to a moment."""
        columns = (BASELINES.c.name, BASELINES.c.site, BASELINES.c.release)
        place = func.row_number().over(partition_by=columns, order_by=(BASELINES.c.captured_ms.desc(), BASELINES.c.id))
        ranked = (
            select(BASELINES.c.id, place.label("place"))
            .where(BASELINES.c.name.in_(names), BASELINES.c.captured_ms <= at_ms)
            .subquery()
        )
        query = select(BASELINES).join(ranked, ranked.c.id == BASELINES.c.id).where(ranked.c.place == 1)
        with reading(self._database) as connection:
            return [_baseline(row) for row in connection.execute(query)]

    def delete(self, id: str) -> bool:
        """Forget one; False where there is none of that id."""
        with self._database.begin() as connection:
            return connection.execute(delete(BASELINES).where(BASELINES.c.id == id)).rowcount > 0

    def keep_newest(self, name: str, captures: int) -> int:
        """Forget all captures of a name but the newest so many; returns how many baselines that were."""
        times = select(BASELINES.c.captured_ms).where(BASELINES.c.name == name).distinct()
        with self._database.begin() as connection:
            kept: Iterable[int] = connection.scalars(times.order_by(BASELINES.c.captured_ms.desc()).limit(captures))
            old = delete(BASELINES).where(BASELINES.c.name == name, BASELINES.c.captured_ms.not_in(list(kept)))
            return connection.execute(old).rowcount


def _baseline(row: Row[tuple[object, ...]]) -> Baseline:
    columns = dict(row._mapping)
    return Baseline(**{**columns, "figures": _FIGURES.decode(row.figures)})
