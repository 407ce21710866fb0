"""The events engine inside this process: chDB, one writer and several readers over one data directory."""

import threading
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Any

import msgspec
from chdb.state.sqlitelike import Connection

from chatvitals.errors import EngineError
from chatvitals.store.events.engine import NO_VALUES, Parameters
from chatvitals.store.events.parameters import render_parameters
from chatvitals.store.events.readers import ANSWER_LIMITS, EXPORT_LIMITS, Readers

DATABASE = "chatvitals"
_READERS = 4
_EXPORTERS = 2
_PATIENCE_S = 2.0
_INSERT_SETTINGS = (
    "max_partitions_per_insert_block = 0",
    "use_structure_from_insertion_table_in_table_functions = 1",  # columns go by their names
    "deduplicate_insert_select = 'force_enable'",
    "max_threads = 1",  # blocks stay in their order, which makes the same parts of them each time
    "max_insert_threads = 1",
)
_WHOLE_FORMATS = ("Parquet",)
"""Formats with an end of their own: streamed, each piece would be a file. They are made on disk first."""
_PIECE_BYTES = 1_048_576


class EmbeddedEngine:
    """chDB allows one process a data directory; the caller holds the directory's lock before it comes here."""

    def __init__(self, path: Path) -> None:
        """Open, or make, the database under `path`. Raises EngineError."""
        self._path = str(path)
        self._writing = threading.Lock()
        self._answers = path / "answers"
        rmtree(self._answers, ignore_errors=True)  # left by a process that was killed
        try:
            self._writer = Connection(self._path)
            self._writer.query(f"CREATE DATABASE IF NOT EXISTS {DATABASE}")
            self._writer.query(f"USE {DATABASE}")
        except RuntimeError as error:
            raise EngineError(f"the events engine can't open {path}: {error}") from error
        self._readers = Readers(self._path, DATABASE, _READERS, ANSWER_LIMITS)
        self._exporters = Readers(self._path, DATABASE, _EXPORTERS, EXPORT_LIMITS)

    def execute(self, statement: str) -> None:
        """Run one statement that returns nothing (DDL)."""
        with self._writing:
            try:
                self._writer.query(statement)
            except RuntimeError as error:
                raise EngineError(str(error)) from error

    def insert(self, table: str, blocks: Iterable[bytes], token: str, values: Mapping[str, str] = NO_VALUES) -> None:
        """Insert blocks in Native format as one; a second call with the same token changes nothing.

        The blocks go in as a file that the statement selects from. An insert that is streamed to chDB 26.9 is reported
        as done even where it could not be written; a statement's failure is told.
        """
        settings = ", ".join((f"insert_deduplication_token = '{token}'", *_INSERT_SETTINGS))
        replaced = ", ".join(f"{value} AS {column}" for column, value in values.items())
        columns = f"* REPLACE ({replaced})" if replaced else "*"
        with self._writing:
            try:
                with TemporaryFile(dir=self._path) as file:
                    file.writelines(blocks)
                    file.seek(0)
                    source = f"file('/dev/fd/{file.fileno()}', 'Native')"
                    self._writer.query(f"INSERT INTO {table} SETTINGS {settings} SELECT {columns} FROM {source}")
            except (RuntimeError, OSError) as error:
                raise EngineError(str(error)) from error

    def query(self, sql: str, parameters: Parameters | None = None) -> list[dict[str, Any]]:
        """Rows of a read-only query, as dicts."""
        with self._readers.one() as reader:
            answer = reader.query(sql, "JSON", params=render_parameters(parameters))
            rows: list[dict[str, Any]] = msgspec.json.decode(answer.bytes())["data"]
            return rows

    def stream(self, sql: str, format: str, parameters: Parameters | None = None) -> Iterator[bytes]:
        """The answer of a read-only query in one of the engine's formats, piece by piece."""
        if format in _WHOLE_FORMATS:
            yield from self._stream_file(sql, format, parameters)
            return
        with (
            self._exporters.one() as reader,
            reader.send_query(sql, format, params=render_parameters(parameters)) as answer,
        ):
            for piece in answer:
                yield piece.bytes()

    def _stream_file(self, sql: str, format: str, parameters: Parameters | None) -> Iterator[bytes]:
        self._answers.mkdir(exist_ok=True)
        with TemporaryDirectory(dir=self._answers) as folder:
            file = Path(folder) / "answer"
            quoted = str(file).replace("\\", "\\\\").replace("'", "\\'")
            with self._exporters.one() as reader:
                reader.query(f"{sql} INTO OUTFILE '{quoted}'", format, params=render_parameters(parameters))
            with file.open("rb") as answer:
                while piece := answer.read(_PIECE_BYTES):
                    yield piece

    def close(self) -> None:
        """Let go of the data directory, once the queries under way are done; where those take seconds, not at all."""
        if self._readers.close(_PATIENCE_S) and self._exporters.close(_PATIENCE_S):
            with self._writing:
                self._writer.close()
