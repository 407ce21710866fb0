"""Read-only connections to chDB, lent one at a time, with limits on what one query may take."""

import queue
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from chdb.state.sqlitelike import Connection

from chatvitals.errors import EngineError

_EVERYONES = (
    "compile_expressions = 0",  # compiling costs more than these queries take
    "compile_aggregate_expressions = 0",
    "compile_sort_description = 0",
    "output_format_json_quote_64bit_integers = 0",
    "format_csv_null_representation = ''",
    "readonly = 1",
)

ANSWER_LIMITS = (
    "max_execution_time = 30",
    "max_memory_usage = 4000000000",
    "max_bytes_before_external_group_by = 2000000000",
    "max_result_rows = 5000000",
    "max_threads = 2",
)
EXPORT_LIMITS = (  # as long as the receiver takes, as many rows as there are
    "max_memory_usage = 4000000000",
    "max_bytes_before_external_sort = 500000000",
    "max_threads = 1",
)


_PATIENCE_S = 30.0


class Readers:
    """Some connections; who comes while all are lent waits for one, for a while."""

    def __init__(self, path: str, database: str, count: int, limits: tuple[str, ...]) -> None:
        self._free: queue.SimpleQueue[Connection | None] = queue.SimpleQueue()
        """None says that there will be no more."""
        self._closing = False
        self._all = [_connect(path, database, (*limits, *_EVERYONES)) for _ in range(count)]
        for connection in self._all:
            self._free.put(connection)

    @contextmanager
    def one(self) -> Iterator[Connection]:
        """A connection; what chDB raises comes out as EngineError, as does waiting in vain."""
        try:
            connection = self._free.get(timeout=_PATIENCE_S)
        except queue.Empty:
            raise EngineError(f"all {len(self._all)} connections are in use; try again later") from None
        if connection is None or self._closing:
            self._free.put(connection)
            raise EngineError("the events store is being closed")
        try:
            yield connection
        except RuntimeError as error:
            _drain(connection)
            raise EngineError(str(error)) from error
        finally:
            self._free.put(connection)

    def close(self, timeout_s: float) -> bool:
        """Close the connections once all are back; False where that takes too long. Who waits for one waits no more."""
        self._closing = True
        with suppress(queue.Empty):
            for _ in self._all:
                self._free.get(timeout=timeout_s)
            for connection in self._all:
                connection.close()
            self._free.put(None)
            return True
        self._free.put(None)
        return False


def _drain(connection: Connection) -> None:
    """Take what a failed query had written already out of a connection: chDB 26.9 puts it before the next answer."""
    with suppress(RuntimeError):
        connection.query("SELECT 1")


def _connect(path: str, database: str, settings: tuple[str, ...]) -> Connection:
    connection = Connection(path)
    connection.query(f"USE {database}")
    for setting in settings:
        connection.query(f"SET {setting}")
    return connection
