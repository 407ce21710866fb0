"""`chatvitals import`."""

import asyncio
import csv
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from chatvitals.catalogue.kinds import AnyEvent
from chatvitals.cli.export import FORMATS
from chatvitals.cli.target import DEFAULT_URL, Data, Token, Url, connected, request
from chatvitals.errors import BadRequest

LINES_AT_ONCE = 20_000
_SHOWN_REJECTIONS = 10


def import_events(
    file: Path,
    *,
    site: str = "demo",
    url: Url = DEFAULT_URL,
    data: Data = None,
    token: Token = "",
) -> None:
    """Bring events from a file in, with their original times. Done twice, it changes nothing.

    Parameters
    ----------
    file
        NDJSON, CSV or Parquet, as `chatvitals export` writes them.
    site
        Site that the events shall belong to.
    """
    if not file.exists():
        raise BadRequest(f"there is no file {file}")
    read = _READERS.get(FORMATS.get(file.suffix, ""))
    if read is None:
        raise BadRequest(f"{file.name} doesn't tell its format: end it in {', '.join(FORMATS)}")
    asyncio.run(_import(file, read(file), site, url, data, token))


async def _import(file: Path, lines: Iterator[bytes], site: str, url: str, data: Path | None, token: str) -> None:
    console = Console(stderr=True)
    total = _count_lines(file) if FORMATS[file.suffix] != "parquet" else _count_parquet(file)
    counts: Counter[str] = Counter()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    async with connected(url, data, token) as client:
        with Progress(*columns, console=console) as progress:
            task = progress.add_task(f"importing {file.name}", total=total)
            start = 0
            for piece in _pieces(lines):
                response = await request(
                    client,
                    "POST",
                    "/api/monitoring/import",
                    params={"site": site},
                    content=zlib.compress(b"\n".join(piece), 1),
                    headers={"content-encoding": "deflate"},
                )
                answer = msgspec.json.decode(response.content)
                counts.update(accepted=answer["accepted"], duplicates=answer["duplicates"])
                for rejection in answer["rejected"]:
                    counts["rejected"] += 1
                    if counts["rejected"] <= _SHOWN_REJECTIONS:
                        where = f"line {start + rejection['index'] + 1}"
                        console.print(f"{where}: {rejection['field']}: {rejection['reason']}: {rejection['detail']}")
                start += len(piece)
                progress.advance(task, len(piece))
    console.print(
        f"{counts['accepted']:,} events imported, {counts['duplicates']:,} were there already,"
        f" {counts['rejected']:,} rejected"
    )


def _pieces(lines: Iterator[bytes]) -> Iterator[list[bytes]]:
    piece: list[bytes] = []
    for line in lines:
        piece.append(line)
        if len(piece) == LINES_AT_ONCE:
            yield piece
            piece = []
    if piece:
        yield piece


def _count_lines(file: Path) -> int:
    with file.open("rb") as lines:
        return sum(1 for _ in lines)


def _count_parquet(file: Path) -> int:
    from pyarrow import parquet

    count: int = parquet.ParquetFile(file).metadata.num_rows
    return count


def _read_ndjson(file: Path) -> Iterator[bytes]:
    with file.open("rb") as lines:
        for line in lines:
            yield line.rstrip(b"\r\n")


def _read_csv(file: Path) -> Iterator[bytes]:
    with file.open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            yield _typed({name: value for name, value in row.items() if name and value})


def _typed(row: dict[str, str]) -> bytes:
    """A row of texts in the types of its kind's fields; what doesn't fit is left for the server to say."""
    wide: dict[str, Any] = dict(row)
    if "dropped" in wide:
        wide["dropped"] = msgspec.json.decode(wide["dropped"])
    try:
        event = msgspec.convert(wide, AnyEvent, strict=False)
    except msgspec.ValidationError:
        return msgspec.json.encode(wide)
    numbers = {"sample": float(row["sample"])} if "sample" in row else {}
    return msgspec.json.encode({**row, **numbers, **msgspec.to_builtins(event)})


def _read_parquet(file: Path) -> Iterator[bytes]:
    from pyarrow import parquet

    for group in parquet.ParquetFile(file).iter_batches(LINES_AT_ONCE):
        for row in group.to_pylist():
            present = {name: value for name, value in row.items() if value is not None and value != ""}
            if "dropped" in present:
                present["dropped"] = msgspec.json.decode(present["dropped"])
            yield msgspec.json.encode(present)


_READERS = {"ndjson": _read_ndjson, "csv": _read_csv, "parquet": _read_parquet}
