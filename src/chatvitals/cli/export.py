"""`chatvitals export`."""

import asyncio
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from chatvitals.cli.query import milliseconds
from chatvitals.cli.target import DEFAULT_URL, Data, Token, Url, connected, streamed
from chatvitals.errors import BadRequest

FORMATS: dict[str, str] = {".ndjson": "ndjson", ".jsonl": "ndjson", ".csv": "csv", ".parquet": "parquet"}


def export(
    file: Path,
    *,
    format: Literal["ndjson", "csv", "parquet"] | None = None,
    window: str = "30d",
    site: str = "",
    url: Url = DEFAULT_URL,
    data: Data = None,
    token: Token = "",
) -> None:
    """Write raw events to a file, oldest first.

    Parameters
    ----------
    file
        File to write; it appears under its name once it is whole.
    format
        By the file's ending (.ndjson, .csv, .parquet) by default.
    window
        How far back, as 24h or 30d.
    site
        Only this site's events.
    """
    chosen = format or FORMATS.get(file.suffix)
    if chosen is None:
        raise BadRequest(f"{file.name} doesn't tell its format: end it in {', '.join(FORMATS)}, or give --format")
    parameters = {"window": str(milliseconds(window)), "format": chosen} | ({"site": site} if site else {})
    asyncio.run(_export(file, parameters, url, data, token))


async def _export(file: Path, parameters: dict[str, str], url: str, data: Path | None, token: str) -> None:
    partial = file.with_name(f"{file.name}.partial")
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    async with connected(url, data, token) as client:
        with Progress(*columns, console=Console(stderr=True)) as progress:
            task = progress.add_task(f"exporting to {file.name}", total=None)
            async with streamed(client, "GET", "/api/monitoring/export", params=parameters) as response:
                with partial.open("wb") as out:
                    async for piece in response.aiter_bytes():
                        out.write(piece)
                        progress.advance(task, len(piece))
    partial.replace(file)
