"""What the events store holds, in rows and bytes, by table and partition."""

from dataclasses import dataclass

from chatvitals.store.events.engine import Engine

_PARTS = """\
SELECT table, partition, count() AS parts, sum(rows) AS rows, sum(bytes_on_disk) AS bytes
FROM system.parts
WHERE active AND database = currentDatabase()
GROUP BY table, partition
HAVING rows > 0
ORDER BY table, partition"""


@dataclass(frozen=True, slots=True)
class Partition:
    """Rows that came together and go together: a day's (20260131) of raw events, a month's (202601) of the others.

    `parts` is in how many pieces they lie on the disk, `bytes` what these take there.
    """

    table: str
    name: str
    parts: int
    rows: int
    bytes: int


def partitions(engine: Engine) -> list[Partition]:
    """Every partition that has rows, by table and name. Raises EngineError."""
    return [
        Partition(row["table"], row["partition"], row["parts"], row["rows"], row["bytes"])
        for row in engine.query(_PARTS)
    ]


def engine_version(engine: Engine) -> str:
    """The engine's version. Raises EngineError."""
    version: str = engine.query("SELECT version() AS version")[0]["version"]
    return version
