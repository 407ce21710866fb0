"""Sites and their write keys, as rows of the control store."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Engine, delete, insert, select, update

from chatvitals.clock import Clock
from chatvitals.errors import BadRequest
from chatvitals.store.control.database import reading
from chatvitals.store.control.tables import SITES, WRITE_KEYS

ANY_ORIGIN = "*"


@dataclass(frozen=True, slots=True)
class Site:
    """A site: what its keys write to. `salt` keys the hashes of ids; `allowed_origins` may be `("*",)`."""

    name: str
    salt: bytes
    allowed_origins: tuple[str, ...]

    def allows(self, origin: str) -> bool:
        """Whether pages of `origin` (scheme, host and port, as browsers send it) may write to this site."""
        return ANY_ORIGIN in self.allowed_origins or origin in self.allowed_origins


@dataclass(frozen=True, slots=True)
class WriteKey:
    """A publishable key that may only ingest. Times are Unix milliseconds."""

    key: str
    site: str
    label: str
    created_ms: int
    revoked_ms: int | None


def check_site_name(name: str) -> str:
    """The name, if a site can have it. Raises BadRequest."""
    if not name or len(name) > 64 or not all(letter.isalnum() or letter in "-_." for letter in name):
        raise BadRequest("a site's name has up to 64 letters, digits, dots, dashes and underscores", "name")
    return name


class Sites:
    """Reads and writes sites and keys."""

    def __init__(self, database: Engine, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def ensure_site(self, name: str, allowed_origins: Sequence[str] = (ANY_ORIGIN,)) -> None:
        """Make the site if it isn't there."""
        with self._database.begin() as connection:
            if connection.scalar(select(SITES.c.name).where(SITES.c.name == name)) is None:
                connection.execute(
                    insert(SITES).values(
                        name=name,
                        salt=secrets.token_bytes(32),
                        allowed_origins="\n".join(allowed_origins),
                        created_ms=self._clock(),
                    )
                )

    def set_origins(self, name: str, allowed_origins: Sequence[str]) -> None:
        """Replace the origins that may write to the site."""
        with self._database.begin() as connection:
            connection.execute(
                update(SITES).where(SITES.c.name == name).values(allowed_origins="\n".join(allowed_origins))
            )

    def all(self) -> list[Site]:
        """Every site, by name."""
        with reading(self._database) as connection:
            rows = connection.execute(select(SITES).order_by(SITES.c.name)).all()
        return [Site(row.name, row.salt, tuple(row.allowed_origins.split("\n"))) for row in rows]

    def add_key(self, site: str, label: str = "", key: str | None = None) -> WriteKey:
        """Make a key for an existing site. Raises BadRequest where there is no such site."""
        row = WriteKey(key or f"cvw_{secrets.token_urlsafe(24)}", site, label, self._clock(), None)
        with self._database.begin() as connection:
            if connection.scalar(select(SITES.c.name).where(SITES.c.name == site)) is None:
                raise BadRequest(f"there is no site {site!r}")
            connection.execute(delete(WRITE_KEYS).where(WRITE_KEYS.c.key == row.key))
            connection.execute(
                insert(WRITE_KEYS).values(key=row.key, site=site, label=label, created_ms=row.created_ms)
            )
        return row

    def revoke_key(self, key: str) -> bool:
        """Let a key write no more; False where there is no such living key."""
        with self._database.begin() as connection:
            changed = connection.execute(
                update(WRITE_KEYS)
                .where(WRITE_KEYS.c.key == key, WRITE_KEYS.c.revoked_ms.is_(None))
                .values(revoked_ms=self._clock())
            )
            return changed.rowcount > 0

    def all_keys(self) -> list[WriteKey]:
        """Every key, revoked ones too, by site and age."""
        with reading(self._database) as connection:
            rows = connection.execute(select(WRITE_KEYS).order_by(WRITE_KEYS.c.site, WRITE_KEYS.c.created_ms)).all()
        return [WriteKey(row.key, row.site, row.label, row.created_ms, row.revoked_ms) for row in rows]
