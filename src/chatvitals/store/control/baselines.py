"""Baselines: figures captured once to compare later ones with, as rows of the control store."""

from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec
from msgspec import Struct
from sqlalchemy import Engine, Row, delete, func, insert, select

from chatvitals.store.control.database import reading
from chatvitals.store.control.tables import BASELINES

ALL_RELEASES = ""


class CapturedFigure(Struct, rename="camel", frozen=True):
    """A metric as it was: None where nothing was measured; the samples and sessions behind it."""

    value: float | None
    n: int
    sessions: int


class Baseline(Struct, rename="camel", frozen=True, kw_only=True):
    """The figures of a site, and of one release or, where that is empty, of all, in a window. Times are Unix ms."""

    id: str
    name: str
    site: str
    release: str
    captured_ms: int
    captured_by: str
    from_ms: int
    to_ms: int
    figures: Mapping[str, CapturedFigure]


_FIGURES = msgspec.json.Decoder(dict[str, CapturedFigure])
_NEWEST_FIRST = (BASELINES.c.captured_ms.desc(), BASELINES.c.site, BASELINES.c.release, BASELINES.c.id)


class Baselines:
    """Keeps baselines. Those of one capture have the same name and the same time."""

    def __init__(self, database: Engine) -> None:
        self._database = database

    def add(self, baselines: Sequence[Baseline]) -> None:
        """Keep these, all or none."""
        rows = [
            {name: getattr(one, name) for name in Baseline.__struct_fields__}
            | {"figures": msgspec.json.encode(one.figures).decode()}
            for one in baselines
        ]
        with self._database.begin() as connection:
            if rows:
                connection.execute(insert(BASELINES), rows)

    def find(self, name: str | None = None, site: str | None = None, release: str | None = None) -> list[Baseline]:
        """Those of a name, site and release, as far as they are given; the newest first."""
        wanted = {"name": name, "site": site, "release": release}
        query = select(BASELINES).order_by(*_NEWEST_FIRST)
        for column, value in wanted.items():
            if value is not None:
                query = query.where(BASELINES.c[column] == value)
        with reading(self._database) as connection:
            return [_baseline(row) for row in connection.execute(query)]

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
