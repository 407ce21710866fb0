"""`chatvitals silences`."""

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

from chatvitals.cli.incidents import graded, say_what, say_whom
from chatvitals.cli.target import DEFAULT_URL, Data, Token, Url, connected, request
from chatvitals.errors import BadRequest

_PATH = "/api/monitoring/silences"
_ID_LENGTH = 36
_SHOWN = 20

Matcher = Annotated[
    str,
    Parameter(help="Which incidents, as customer=acme, severity!=critical or release=~2[.]4[.].*; all have to hold."),
]
Id = Annotated[str, Parameter(help="Id of the silence, or the beginning of it.")]

silences = App(name="silences", help="List silences, add and end one, and see what one would hide.")


@silences.default
@silences.command(name="list")
def list_silences(
    *,
    expired: Annotated[bool, Parameter(negative="")] = False,
    url: Url = DEFAULT_URL,
    data: Data = None,
    token: Token = "",
) -> None:
    """List silences, the last to end first.

    Parameters
    ----------
    expired
        Those that ended, too.
    """
    statuses = ["active", "pending", *(["expired"] if expired else [])]
    found = asyncio.run(_find(url, data, token, statuses))
    _print(_silences(found) if found else "nothing is silenced")


@silences.command(name="add")
def add_silence(
    *matchers: Matcher,
    lasts: Annotated[str, Parameter(name=["--for", "-f"])],
    reason: Annotated[str, Parameter(name=["--reason", "-m"])],
    starts: str = "",
    author: str = "",
    url: Url = DEFAULT_URL,
    data: Data = None,
    token: Token = "",
) -> None:
    """Silence incidents for a while: nobody is told of them. What still is so when it ends is told then.

    Parameters
    ----------
    lasts
        How long, as 30m, 2h or 7d; up to 90d.
    reason
        Why, for others to read.
    starts
        From when on, as 2026-01-31T22:00:00Z; now by default.
    author
        Your name; the one you are logged in with by default.
    """
    _refuse_none(matchers)
    form = {
        "matchers": list(matchers),
        "lasts": lasts,
        "reason": reason,
        "author": author or getpass.getuser(),
        **({"starts": starts} if starts else {}),
    }
    made = asyncio.run(_ask(url, data, token, "POST", _PATH, form))
    _print(f"{made['id']} is {made['status']}, and ends at {_time(made['endsMs'])} UTC")


@silences.command(name="end")
def end_silence(id: Id, *, url: Url = DEFAULT_URL, data: Data = None, token: Token = "") -> None:
    """End a silence now. What it hid and still is so is told."""
    ended = asyncio.run(_end(url, data, token, id))
    _print(f"{ended['id']} ended at {_time(ended['endsMs'])} UTC")


@silences.command(name="preview")
def preview_silence(
    *matchers: Matcher, days: int = 7, url: Url = DEFAULT_URL, data: Data = None, token: Token = ""
) -> None:
    """See what a silence would hide now, and would have hidden of what was opened in the last days.

    Parameters
    ----------
    days
        How many days to look back, up to 90.
    """
    _refuse_none(matchers)
    form = {"matchers": list(matchers), "days": days}
    answer = asyncio.run(_ask(url, data, token, "POST", f"{_PATH}/preview", form))
    day = "day" if days == 1 else f"{days} days"
    _print(
        _hidden("open now", answer["open"]),
        _hidden(f"opened in the last {day}", answer["past"]),
        *([] if answer["complete"] else ["there were more incidents than were looked at"]),
    )


def _refuse_none(matchers: tuple[str, ...]) -> None:
    if not matchers:
        raise BadRequest("say which incidents, as customer=acme")


async def _ask(url: str, data: Any, token: str, method: str, path: str, form: Any = None) -> Any:
    async with connected(url, data, token) as client:
        return await _answer(client, method, path, **({} if form is None else {"json": form}))


async def _find(url: str, data: Any, token: str, statuses: list[str]) -> list[dict[str, Any]]:
    async with connected(url, data, token) as client:
        found: list[dict[str, Any]] = (await _answer(client, "GET", _PATH, params={"status": statuses}))["silences"]
    return found


async def _end(url: str, data: Any, token: str, beginning: str) -> Any:
    async with connected(url, data, token) as client:
        id = beginning
        if len(beginning) != _ID_LENGTH:
            living = (await _answer(client, "GET", _PATH))["silences"]
            found = [silence["id"] for silence in living if silence["id"].startswith(beginning)]
            if len(found) != 1:
                raise BadRequest(
                    f"{'none' if not found else 'more than one'} of those that haven't ended has an id that begins with"
                    f" {beginning!r}: `chatvitals silences` lists them"
                )
            (id,) = found
        return await _answer(client, "DELETE", f"{_PATH}/{id}")


async def _answer(client: httpx2.AsyncClient, method: str, path: str, **arguments: Any) -> Any:
    return msgspec.json.decode((await request(client, method, path, **arguments)).content)


def _silences(found: list[dict[str, Any]]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("id", "status", "from, to (UTC)"):
        table.add_column(name, no_wrap=True)
    table.add_column("incidents", overflow="fold")
    table.add_column("why")
    for one in found:
        times = f"{_time(one['startsMs'])}\n{_time(one['endsMs'])}"
        why = f"{one['author']}: {one['reason']}"
        table.add_row(one["id"][:8], one["status"], times, escape("\n".join(one["matchers"])), escape(why))
    return table


def _hidden(what: str, hidden: dict[str, Any]) -> Table | str:
    title = f"{hidden['count']:,} of {hidden['of']:,} {what}"
    if not hidden["count"]:
        return title
    table = Table(box=None, header_style="bold", pad_edge=False, title=title, title_justify="left")
    for name in ("id", "opened (UTC)", "severity", "status"):
        table.add_column(name, no_wrap=True)
    table.add_column("site", overflow="fold")
    table.add_column("what")
    for one in hidden["incidents"][:_SHOWN]:
        words = say_what(one) + (f"\n[dim]{say_whom(one)}[/]" if say_whom(one) else "")
        opened = _time(one["openedMs"], "%Y-%m-%d %H:%M")
        table.add_row(one["id"][:8], opened, graded(one["severity"]), one["status"], escape(one["site"]), words)
    if hidden["count"] > _SHOWN:
        table.caption, table.caption_justify = f"and {hidden['count'] - _SHOWN:,} more", "left"
    return table


def _time(moment_ms: int, form: str = "%Y-%m-%d %H:%M:%S") -> str:
    return datetime.fromtimestamp(moment_ms / 1_000, UTC).strftime(form)


def _print(*parts: Table | str) -> None:
    console = Console(highlight=False)
    for part in parts:
        console.print(part, soft_wrap=isinstance(part, str))
