"""`chatvitals baselines`."""

import asyncio
import getpass
from datetime import UTC, datetime
from typing import Annotated, Any

import httpx2
import msgspec
from cyclopts import App, Parameter
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from chatvitals.alerting.durations import say_duration
from chatvitals.catalogue.metrics import METRICS_BY_PATH
from chatvitals.catalogue.units import in_words
from chatvitals.cli.target import DEFAULT_URL, Data, Token, Url, connected, request
from chatvitals.errors import BadRequest

_PATH = "/api/monitoring/baselines"
_ID_LENGTH = 36
_SHOWN = 50

_STYLES = {"better": "green", "worse": "yellow"}

Id = Annotated[str, Parameter(help="Id of the baseline, or the beginning of it.")]

baselines = App(name="baselines", help="Capture figures, and compare later ones with them.")


@baselines.default
@baselines.command(name="list")
def list_baselines(
    *,
    name: str = "",
    site: str = "",
    limit: int = _SHOWN,
    url: Url = DEFAULT_URL,
    data: Data = None,
    token: Token = "",
) -> None:
    """List baselines, newest first.

    Parameters
    ----------
    name
        Only those of this name.
    site
        Only those of this site.
    limit
        Most to list.
    """
    parameters = {"name": name, "site": site, "limit": str(limit)}
    found = asyncio.run(_ask(url, data, token, "GET", params=parameters))
    _print(_table(found) if found else "no baselines yet: capture one with `chatvitals baselines capture NAME`")


@baselines.command(name="capture")
def capture_baselines(
    name: str,
    *,
    site: str = "",
    release: str = "",
    window: str = "24h",
    author: str = "",
    url: Url = DEFAULT_URL,
    data: Data = None,
    token: Token = "",
) -> None:
    """Capture the figures of every site and release as they are now.

    Parameters
    ----------
    name
        Name under which rules find them; the newest of a name counts.
    site
        Only of this site.
    release
        Only of this release; by default of each release, and of all together.
    window
        How far back, as 1h, 24h or 7d.
    author
        Your name; the one you are logged in with by default.
    """
    form = {"name": name, "site": site, "release": release, "window": window, "by": author or getpass.getuser()}
    _print(_table(asyncio.run(_ask(url, data, token, "POST", json=form))))


@baselines.command(name="show")
def show_baseline(id: Id, *, url: Url = DEFAULT_URL, data: Data = None, token: Token = "") -> None:
    """Show the figures of a baseline."""
    _print(_figures(asyncio.run(_ask_about(url, data, token, "GET", id))))


@baselines.command(name="compare")
def compare_baseline(
    id: Id, *, degradation: int = 20, url: Url = DEFAULT_URL, data: Data = None, token: Token = ""
) -> None:
    """Compare a baseline with what is now. The exit code is 1 where a metric is degraded.

    Parameters
    ----------
    degradation
        From how many percent worse on a metric is degraded.
    """
    parameters = {"degradation": str(degradation)}
    found = asyncio.run(_ask_about(url, data, token, "GET", id, "/compare", parameters))
    _print(_comparison(found))
    if found["degraded"]:
        raise SystemExit(1)


@baselines.command(name="delete")
def delete_baseline(id: Id, *, url: Url = DEFAULT_URL, data: Data = None, token: Token = "") -> None:
    """Forget a baseline."""
    asyncio.run(_ask_about(url, data, token, "DELETE", id))
    _print("deleted")


async def _ask(url: str, data: Any, token: str, method: str, **arguments: Any) -> list[dict[str, Any]]:
    async with connected(url, data, token) as client:
        answer = await request(client, method, _PATH, **arguments)
    found: list[dict[str, Any]] = msgspec.json.decode(answer.content)["baselines"]
    return found


async def _ask_about(
    url: str, data: Any, token: str, method: str, id: str, path: str = "", parameters: dict[str, str] | None = None
) -> Any:
    async with connected(url, data, token) as client:
        whole = await _whole_id(client, id)
        answer = await request(client, method, f"{_PATH}/{whole}{path}", params=parameters)
    return msgspec.json.decode(answer.content) if answer.content else None


async def _whole_id(client: httpx2.AsyncClient, beginning: str) -> str:
    if len(beginning) == _ID_LENGTH:
        return beginning
    known = msgspec.json.decode((await request(client, "GET", _PATH)).content)["baselines"]
    found = [one["id"] for one in known if one["id"].startswith(beginning)]
    if len(found) != 1:
        what = "no baseline has an id" if not found else "several baselines have ids"
        raise BadRequest(f"{what} that begins with {beginning!r}: `chatvitals baselines` lists them")
    return str(found[0])


def _table(found: list[dict[str, Any]]) -> Table:
    table = Table(
        "id", "name", "site", "release", "captured", "window", "by", box=None, header_style="bold", pad_edge=False
    )
    for one in found:
        table.add_row(
            one["id"][:8],
            escape(one["name"]),
            escape(one["site"]),
            escape(one["release"] or "all"),
            _time(one["capturedMs"]),
            say_duration(one["toMs"] - one["fromMs"]),
            escape(one["capturedBy"]),
        )
    return table


def _figures(baseline: dict[str, Any]) -> Table:
    table = Table("metric", title=_title(baseline), title_justify="left", box=None, header_style="bold", pad_edge=False)
    for name in ("value", "samples", "sessions"):
        table.add_column(name, justify="right")
    for path, figure in baseline["figures"].items():
        unit = METRICS_BY_PATH[path].unit if path in METRICS_BY_PATH else ""
        table.add_row(path, _said(figure["value"], unit), f"{figure['n']:,}", f"{figure['sessions']:,}")
    return table


def _comparison(found: dict[str, Any]) -> Table:
    """The samples behind it are left out: with them it is wider than most terminals."""
    table = Table(
        title=_title(found), title_justify="left", box=None, header_style="bold", pad_edge=False, padding=(0, 1, 0, 0)
    )
    table.add_column("metric", no_wrap=True)
    for name in ("baseline", "now", "change"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", overflow="fold")
    for one in found["metrics"]:
        change = "" if one["change"] is None else f"{one['change']:+.1f}%"
        word = "degraded" if one["degraded"] else one["reason"] or one["standing"]
        style = "red" if one["degraded"] else _STYLES.get(one["standing"], "dim")
        values = (_said(one[name], one["unit"]) for name in ("baseline", "now"))
        table.add_row(one["metric"], *values, change, f"[{style}]{word}[/]")
    return table


def _title(baseline: dict[str, Any]) -> str:
    about = f"{baseline['site']}, {baseline['release'] or 'all releases'}"
    return escape(f"{baseline['name']} of {about}, captured {_time(baseline['capturedMs'])}")


def _said(value: float | None, unit: str) -> str:
    return "–" if value is None else in_words(value, unit)


def _time(moment_ms: int) -> str:
    return datetime.fromtimestamp(moment_ms / 1_000, UTC).strftime("%Y-%m-%d %H:%M")


def _print(what: Table | str) -> None:
    Console(highlight=False).print(what)
