"""The events engine inside this process: chDB, one writer and several readers over one data directory."""

import queue
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import msgspec
from chdb.state.sqlitelike import Connection

from chatvitals.errors import EngineError
from chatvitals.store.events.engine import Parameters
from chatvitals.store.events.parameters import render_parameters

DATABASE = "chatvitals"
_READERS = 4
_READER_LIMITS = (
    "max_execution_time = 30",
    "max_memory_usage = 4000000000",
    "max_bytes_before_external_group_by = 2000000000",
    "max_result_rows = 5000000",
    "max_threads = 2",
    "compile_expressions = 0",  # compiling costs more than these queries take
    "compile_aggregate_expressions = 0",
    "compile_sort_description = 0",
    "output_format_json_quote_64bit_integers = 0",
    "format_csv_null_representation = ''",
    "readonly = 1",
)
_INSERT_SETTINGS = (
    "max_partitions_per_insert_block = 0",
    "use_structure_from_insertion_table_in_table_functions = 1",  # columns go by their names
    "deduplicate_insert_select = 'force_enable'",
    "max_threads = 1",  # blocks stay in their order, which makes the same parts of them each time
    "max_insert_threads = 1",
)
_WHOLE_FORMATS = ("Parquet",)
"""Formats with an end of their own: streamed, each piece would be a file."""


class EmbeddedEngine:
    """chDB allows one process a data directory; the caller holds the directory's lock before it comes here."""

    def __init__(self, path: Path) -> None:
        """Open, or make, the database under `path`. Raises EngineError."""
        self._path = str(path)
        self._writing = threading.Lock()
        try:
            self._writer = Connection(self._path)
            self._writer.query(f"CREATE DATABASE IF NOT EXISTS {DATABASE}")
            self._writer.query(f"USE {DATABASE}")
        except RuntimeError as error:
            raise EngineError(f"the events engine can't open {path}: {error}") from error
        self._readers: queue.SimpleQueue[Connection] = queue.SimpleQueue()
        self._all_readers = [self._connect_reader() for _ in range(_READERS)]

    def _connect_reader(self) -> Connection:
        reader = Connection(self._path)
        reader.query(f"USE {DATABASE}")
        for setting in _READER_LIMITS:
            reader.query(f"SET {setting}")
        self._readers.put(reader)
        return reader

    @contextmanager
    def _reader(self) -> Iterator[Connection]:
        reader = self._readers.get()
        try:
            yield reader
        except RuntimeError as error:
            raise EngineError(str(error)) from error
        finally:
            self._readers.put(reader)

    def execute(self, statement: str) -> None:
        """Run one statement that returns nothing (DDL)."""
        with self._writing:
            try:
                self._writer.query(statement)
            except RuntimeError as error:
                raise EngineError(str(error)) from error

    def insert(self, table: str, blocks: Iterable[bytes], token: str) -> None:
        """Insert blocks in Native format as one; a second call with the same token changes nothing.

        The blocks go in as a file that the statement selects from. An insert that is streamed to chDB 26.9 is reported
        as done even where it could not be written; a statement's failure is told.
        """
        settings = ", ".join((f"insert_deduplication_token = '{token}'", *_INSERT_SETTINGS))
        with self._writing:
            try:
                with TemporaryFile(dir=self._path) as file:
                    file.writelines(blocks)
                    file.seek(0)
                    source = f"file('/dev/fd/{file.fileno()}', 'Native')"
                    self._writer.query(f"INSERT INTO {table} SETTINGS {settings} SELECT * FROM {source}")
            except (RuntimeError, OSError) as error:
                raise EngineError(str(error)) from error

    def query(self, sql: str, parameters: Parameters | None = None) -> list[dict[str, Any]]:
        """Rows of a read-only query, as dicts."""
        with self._reader() as reader:
            answer = reader.query(sql, "JSON", params=render_parameters(parameters))
            rows: list[dict[str, Any]] = msgspec.json.decode(answer.bytes())["data"]
            return rows

    def stream(self, sql: str, format: str, parameters: Parameters | None = None) -> Iterator[bytes]:
        """The answer of a read-only query in one of the engine's formats, piece by piece."""
        if format in _WHOLE_FORMATS:
            with self._reader() as reader:
                yield reader.query(sql, format, params=render_parameters(parameters)).bytes()
            return
        with (
            self._reader() as reader,
            reader.send_query(sql, format, params=render_parameters(parameters)) as answer,
        ):
            for piece in answer:
                yield piece.bytes()

    def close(self) -> None:
        """Let go of the data directory, once the queries under way are done; after three seconds not even then."""
        with suppress(queue.Empty):
            for _ in range(_READERS):
                self._readers.get(timeout=3)
            with self._writing:
                for connection in (*self._all_readers, self._writer):
                    connection.close()
