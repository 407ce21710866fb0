"""`chatvitals alerts`."""

import asyncio
import getpass
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

import httpx2
import msgspec
from cyclopts import App, Parameter
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from chatvitals.cli.incidents import graded, say_blast, say_what, say_whom
from chatvitals.cli.query import milliseconds, readable
from chatvitals.cli.target import DEFAULT_URL, Data, Token, Url, connected, request
from chatvitals.errors import BadRequest

_PATH = "/api/monitoring/alerts"

_ID_LENGTH = 36

Choices = Annotated[tuple[str, ...], Parameter(consume_multiple=True)]
Id = Annotated[str, Parameter(help="Id of the incident, or the beginning of it.")]
Who = Annotated[str, Parameter(help="Your name in the timeline; the one you are logged in with by default.")]
Words = Annotated[str, Parameter(name=["--words", "-m"], help="What the timeline should keep.")]

alerts = App(name="alerts", help="List incidents, look at one, and acknowledge, resolve or comment it.")


@alerts.default
@alerts.command(name="list")
def list_alerts(
    *,
    status: Choices = ("open", "acknowledged"),
    severity: Choices = (),
    category: Choices = (),
    rule: Choices = (),
    site: Choices = (),
    window: str = "",
    limit: int = 50,
    url: Url = DEFAULT_URL,
    data: Data = None,
    token: Token = "",
) -> None:
    """List incidents, newest first.

    Parameters
    ----------
    status
        Of these statuses: open, acknowledged, resolved.
    severity
        Of these severities: info, warning, error, critical.
    category
        Of these categories, as persistence or performance.
    rule
        Of these rules.
    site
        About these sites.
    window
        Opened in the last 30s, 5m, 24h or 7d; ever by default.
    limit
        Most to list.
    """
    choices = {"status": status, "severity": severity, "category": category, "rule": rule, "site": site}
    parameters: list[tuple[str, str]] = [(name, value) for name, values in choices.items() for value in values]
    parameters.append(("limit", str(limit)))
    if window:
        parameters.append(("window", str(milliseconds(window))))
    incidents = asyncio.run(_list(url, data, token, parameters))
    _print(_incidents(incidents) if incidents else "no such incidents")


@alerts.command(name="show")
def show_alert(id: Id, *, url: Url = DEFAULT_URL, data: Data = None, token: Token = "") -> None:
    """Show an incident and its timeline."""
    answer = asyncio.run(_ask(url, data, token, id))
    incident, timeline = answer["incident"], answer["timeline"]
    _print(_facts(incident), _timeline(timeline, incident["unit"]))


@alerts.command(name="ack")
def acknowledge_alert(
    id: Id, *, words: Words = "", who: Who = "", url: Url = DEFAULT_URL, data: Data = None, token: Token = ""
) -> None:
    """Take an incident on: others see that somebody does."""
    incident = _act("acknowledge", id, words, who, url, data, token)
    _print(f"{_named(incident)} is acknowledged")


@alerts.command(name="resolve")
def resolve_alert(
    id: Id, *, words: Words = "", who: Who = "", url: Url = DEFAULT_URL, data: Data = None, token: Token = ""
) -> None:
    """End an incident by hand. Its alert opens another once it ended and fires anew, gets graver, or lasts a day."""
    incident = _act("resolve", id, words, who, url, data, token)
    _print(f"{_named(incident)} is resolved")


@alerts.command(name="comment")
def comment_alert(
    id: Id, words: str, *, who: Who = "", url: Url = DEFAULT_URL, data: Data = None, token: Token = ""
) -> None:
    """Put words into an incident's timeline.

    Parameters
    ----------
    words
        What the timeline should keep.
    """
    incident = _act("comment", id, words, who, url, data, token)
    _print(f"it is in the timeline of {_named(incident)}")


def _act(what: str, id: str, words: str, who: str, url: str, data: Any, token: str) -> Any:
    """The incident after it."""
    return asyncio.run(_ask(url, data, token, id, what, {"who": who or getpass.getuser(), "words": words}))


async def _ask(url: str, data: Any, token: str, id: str, what: str = "", act: Mapping[str, str] | None = None) -> Any:
    """The answer about one incident, or to what is done to it."""
    async with connected(url, data, token) as client:
        path = f"{_PATH}/{await _whole_id(client, id)}"
        if act is None:
            response = await request(client, "GET", path)
        else:
            response = await request(client, "POST", f"{path}/{what}", json=act)
    return msgspec.json.decode(response.content)


async def _list(url: str, data: Any, token: str, parameters: list[tuple[str, str]]) -> Any:
    async with connected(url, data, token) as client:
        response = await request(client, "GET", _PATH, params=parameters)
    return msgspec.json.decode(response.content)["incidents"]


async def _whole_id(client: httpx2.AsyncClient, beginning: str) -> str:
    if len(beginning) == _ID_LENGTH:
        return beginning
    response = await request(client, "GET", _PATH, params={"limit": "1000"})
    ids: list[str] = [one["id"] for one in msgspec.json.decode(response.content)["incidents"]]
    found = [id for id in ids if id.startswith(beginning)]
    if len(found) != 1:
        raise BadRequest(
            f"{'none' if not found else 'more than one'} of the newest incidents has an id that begins with"
            f" {beginning!r}: `chatvitals alerts` lists them"
        )
    return found[0]


def _incidents(incidents: list[dict[str, Any]]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("id", "opened (UTC)", "severity", "status"):
        table.add_column(name, no_wrap=True)
    table.add_column("site", overflow="fold")
    table.add_column("what")
    for one in incidents:
        whom = f"\n[dim]{say_whom(one)}[/]" if say_whom(one) else ""
        table.add_row(
            _short(one["id"]),
            _time(one["openedMs"], "%Y-%m-%d %H:%M"),
            graded(one["severity"]),
            one["status"],
            escape(one["site"]),
            say_what(one) + whom,
        )
    return table


def _facts(one: dict[str, Any]) -> Table:
    table = Table(
        box=None,
        show_header=False,
        pad_edge=False,
        title=escape(one["title"]),
        title_justify="left",
        title_style="bold",
    )
    table.add_column(style="dim")
    labels = ", ".join(f"{name}={value}" for name, value in sorted(one["labels"].items()))
    facts = {
        "id": one["id"],
        "status": _status(one),
        "severity": graded(one["severity"]),
        "message": escape(one["message"]),
        "touches": say_blast(one["blast"]),
        "customers": _names(one["blast"], "customer"),
        "releases": _names(one["blast"], "release"),
        "labels": escape(labels),
        "details": escape(", ".join(f"{name}: {_detail(value)}" for name, value in one["details"].items())),
        "runbook": escape(one["runbook"]),
        "opened": f"{_time(one['openedMs'])} UTC",
        "resolved": "" if one["resolvedMs"] is None else f"{_time(one['resolvedMs'])} UTC",
    }
    for name, fact in facts.items():
        if fact:
            table.add_row(name, fact)
    return table


def _timeline(entries: list[dict[str, Any]], unit: str) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("at (UTC)", no_wrap=True)
    for name in ("what", "who", "severity", unit, "bound", "words"):
        table.add_column(name)
    for entry in entries:
        table.add_row(
            _time(entry["atMs"]),
            entry["kind"],
            escape(entry["who"]),
            graded(entry["severity"]) if entry["severity"] else "",
            _number(entry["value"]),
            _number(entry["threshold"]),
            escape(entry["words"]),
        )
    return table


def _status(one: dict[str, Any]) -> str:
    who = {"acknowledged": one["acknowledgedBy"], "resolved": one["resolvedBy"]}.get(one["status"])
    return f"{one['status']} by {escape(who)}" if who else str(one["status"])


def _names(blast: Mapping[str, Any], what: str) -> str:
    """Those with the most bad events, and how many others there are."""
    names, rest = blast[f"{what}Names"], blast[f"{what}s"] - len(blast[f"{what}Names"])
    return escape(", ".join(name or "(none)" for name in names)) + (f" and {rest:,} more" if rest > 0 else "")


def _detail(value: Any) -> str:
    if isinstance(value, Mapping):
        return " ".join(f"{name} {_detail(part)}" for name, part in value.items()) or "none"
    return "unknown" if value is None else readable(str(value))


def _number(value: float | None) -> str:
    return "" if value is None else readable(str(value))


def _named(incident: dict[str, Any]) -> str:
    return f"{escape(incident['title'])} ({_short(incident['id'])})"


def _short(id: str) -> str:
    return id[:8]


def _time(moment_ms: int, form: str = "%Y-%m-%d %H:%M:%S") -> str:
    return datetime.fromtimestamp(moment_ms / 1_000, UTC).strftime(form)


def _print(*parts: Table | str) -> None:
    console = Console(highlight=False)
    for part in parts:
        console.print(part)
