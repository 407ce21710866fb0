"""What one server must remember of what it took in: batch ids for 48 hours, and the values of each dimension.

In a SQLite file of its own: it is written at the rate of the traffic, and it belongs to this server alone.
A batch id that isn't here yet is still in the spool. A value is here before any row that has it.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path

DAY_MS = 86_400_000
BATCH_MEMORY_MS = 2 * DAY_MS
VALUE_MEMORY_MS = 30 * DAY_MS

_LOOKUP_CHUNK = 500


class Remembered:
    """Batch ids by day of their last sight, so that forgetting a day is dropping a table; used by one thread a time."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "cache_size = -65536"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.execute(
            "CREATE TABLE IF NOT EXISTS dimension_values"
            " (site TEXT, dimension TEXT, value TEXT, day INTEGER, PRIMARY KEY (site, dimension, value)) WITHOUT ROWID"
        )
        self._days = sorted(
            int(name.removeprefix("batches_"))
            for (name,) in self._connection.execute(
                r"SELECT name FROM sqlite_master WHERE name LIKE 'batches\_%' ESCAPE '\' AND type = 'table'"
            )
        )

    def known_batches(self, ids: Sequence[bytes]) -> dict[bytes, int]:
        """Of these batch ids the ones seen in the last 48 hours, with the fingerprint of their events."""
        known: dict[bytes, int] = {}
        for start in range(0, len(ids), _LOOKUP_CHUNK):
            chunk = ids[start : start + _LOOKUP_CHUNK]
            marks = ",".join("?" * len(chunk))
            for day in self._days:
                known.update(
                    self._connection.execute(f"SELECT id, print FROM batches_{day} WHERE id IN ({marks})", chunk)
                )
        return known

    def remember(
        self, now_ms: int, batches: Iterable[tuple[bytes, int]], values: Iterable[tuple[str, str, str]]
    ) -> None:
        """Keep batch ids with their fingerprints, and (site, dimension, value) triples; forget what is over-age."""
        day = now_ms // DAY_MS
        self._connection.execute("BEGIN")
        try:
            if day not in self._days:
                self._connection.execute(
                    f"CREATE TABLE batches_{day} (id BLOB PRIMARY KEY, print INTEGER) WITHOUT ROWID"
                )
            self._connection.executemany(f"INSERT OR IGNORE INTO batches_{day} VALUES (?, ?)", batches)
            self._connection.executemany(
                "INSERT OR REPLACE INTO dimension_values VALUES (?, ?, ?, ?)",
                ((site, dimension, value, day) for site, dimension, value in values),
            )
            over_age = [old for old in self._days if old < day - BATCH_MEMORY_MS // DAY_MS]
            for old in over_age:
                self._connection.execute(f"DROP TABLE batches_{old}")
            self._connection.execute("COMMIT")
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._days = sorted({day, *self._days} - set(over_age))

    def dimension_values(self, now_ms: int) -> list[tuple[str, str, str]]:
        """The (site, dimension, value) triples seen in the last 30 days; older ones are forgotten."""
        oldest = (now_ms - VALUE_MEMORY_MS) // DAY_MS
        self._connection.execute("DELETE FROM dimension_values WHERE day < ?", (oldest,))
        return list(self._connection.execute("SELECT site, dimension, value FROM dimension_values"))

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
