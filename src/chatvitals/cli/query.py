"""`chatvitals query`."""

import asyncio
from typing import Annotated, Any

import msgspec
from cyclopts import Parameter
from rich.console import Console
from rich.table import Table

from chatvitals.cli.target import DEFAULT_URL, Data, Token, Url, connected, request
from chatvitals.errors import BadRequest


def query(
    metric: str = "",
    *,
    by: str = "",
    window: str = "5m",
    where: Annotated[tuple[str, ...], Parameter(consume_multiple=True)] = (),
    limit: int = 20,
    url: Url = DEFAULT_URL,
    data: Data = None,
    token: Token = "",
) -> None:
    """Print a metric, or all of them, as a table.

    Parameters
    ----------
    metric
        Path of the metric, as performance.renders.p95Time, or the beginning of several; all by default.
    by
        Dimension to break one metric down by, as customer or release.
    window
        How far back, as 30s, 5m, 24h or 7d.
    where
        Filters, as customer=acme release=2.4.1.
    limit
        Most rows of a breakdown.
    """
    parameters = {"window": str(milliseconds(window)), **dict(map(_pair, where))}
    asyncio.run(_query(metric, by, parameters, limit, url, data, token))


async def _query(metric: str, by: str, parameters: dict[str, str], limit: int, url: str, data: Any, token: str) -> None:
    async with connected(url, data, token) as client:
        if by:
            parameters |= {"metric": metric, "by": by, "limit": str(limit)}
            response = await request(client, "GET", "/api/monitoring/breakdown", params=parameters)
            table = _breakdown_table(msgspec.json.decode(response.content))
        else:
            parameters["format"] = "csv"
            response = await request(client, "GET", "/api/monitoring/widget", params=parameters)
            table = _metric_table(response.text, metric)
    Console().print(table)


def _metric_table(answer: str, metric: str) -> Table:
    table = Table(box=None, header_style="bold")
    table.add_column("metric", no_wrap=True, overflow="fold")
    table.add_column("unit", no_wrap=True)
    for name in ("value", "previous", "n", "sessions"):
        table.add_column(name, justify="right")
    for line in answer.splitlines()[1:]:
        path, unit, value, n, sessions, previous, _ = line.split(",")
        if path.startswith(metric):
            table.add_row(path, unit, readable(value), readable(previous), readable(n), readable(sessions))
    if not table.row_count:
        raise BadRequest(f"there is no metric that begins with {metric!r}: `chatvitals query` lists them all")
    return table


def _breakdown_table(answer: dict[str, Any]) -> Table:
    table = Table(answer["by"], box=None, header_style="bold", title=answer["metric"], title_justify="left")
    for name in (answer["unit"], "share %", "n", "sessions"):
        table.add_column(name, justify="right")
    for part in answer["parts"]:
        numbers = (part["value"], part["share"], part["n"], part["sessions"])
        table.add_row(part["key"] or "(none)", *(readable("" if one is None else str(one)) for one in numbers))
    return table


def readable(number: str) -> str:
    """A number as people read it; a dash for none."""
    if not number:
        return "–"
    value = float(number)
    return f"{value:,.0f}" if value.is_integer() else f"{value:,.2f}"


_UNITS_MS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


def milliseconds(text: str) -> int:
    """A length of time such as 90s, 5m, 24h or 7d in milliseconds. Raises BadRequest."""
    number = text.rstrip("msdh")
    unit = text[len(number) :]
    try:
        return round(float(number) * _UNITS_MS[unit])
    except (ValueError, KeyError, OverflowError) as error:
        raise BadRequest(f"{text!r} is no length of time: write it as 30s, 5m, 24h or 7d") from error


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise BadRequest(f"{text!r} is no filter: write it as customer=acme")
    return name, value
