"""What the rest of the program asks of an events engine, embedded or remote."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

Parameter = str | int | float | Sequence[str] | Sequence[int]
Parameters = Mapping[str, Parameter]

NO_VALUES: Mapping[str, str] = {}


class Engine(Protocol):
    """ClickHouse's dialect. Statements are ours alone: no caller puts user text into SQL, only into parameters."""

    def execute(self, statement: str) -> None:
        """Run one statement that returns nothing (DDL). Raises EngineError."""

    def insert(self, table: str, blocks: Iterable[bytes], token: str, values: Mapping[str, str] = NO_VALUES) -> None:
        """Insert blocks in Native format as one; a second call with the same token changes nothing.

        `values` are columns that get the value of an expression, of the columns in the blocks, in place of their own.

        Durable when it returns. Raises EngineError, and then nothing or all of a partition's rows are there.
        """

    def query(self, sql: str, parameters: Parameters | None = None) -> list[dict[str, Any]]:
        """Rows of a read-only query under the reader's limits, as dicts. Raises EngineError."""

    def stream(self, sql: str, format: str, parameters: Parameters | None = None) -> Iterator[bytes]:
        """The answer of a read-only query in one of the engine's formats, piece by piece. Raises EngineError."""

    def close(self) -> None:
        """Let go of the data; nothing may be called after it."""
