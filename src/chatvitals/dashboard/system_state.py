"""How a running server fares, as the system page reads it: the server fills it in from its parts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """From receipt to the events store.

    `lag_ms` is how long the oldest event of the last write had waited for it; `oldest_ms` is since when what waits now
    does. A failure is the words of what went wrong at the last try, empty where it worked.
    """

    written_per_s: float
    written_events: int
    written_ms: int | None
    lag_ms: int | None
    store_failure: str
    waiting_bytes: int
    waiting_most_bytes: int
    oldest_ms: int | None
    spool_failure: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticked:
    """The last evaluation of a lane of rules, fast or slow ones."""

    lane: str
    at_ms: int
    rules: int
    took_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertingState:
    """Who evaluates alerts; `holder` is empty where nobody has the lease. `failures` are this server's own."""

    here: bool
    holder: str
    epoch: int
    expires_ms: int | None
    failures: int
    ticked: tuple[Ticked, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A partition of a table of the events store: a day's rows, or a month's."""

    table: str
    partition: str
    parts: int
    rows: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """The control store: what it is, where, and what it takes on the disk."""

    name: str
    version: str
    place: str
    schema: str
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemState:
    """All of it at one moment. `versions` are the program's and those of what it is made of, by name."""

    started_ms: int
    pid: int
    data: str
    writing: Writing
    held: tuple[Held, ...]
    damaged: tuple[str, ...]
    control: Store
    disk_free_bytes: int
    disk_bytes: int
    alerting: AlertingState
    versions: Mapping[str, str]


class ReadsSystem(Protocol):
    """Asks a server how it fares."""

    def __call__(self) -> SystemState:
        """As it is now. Blocks. Raises EngineError."""
