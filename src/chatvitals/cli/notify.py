"""`chatvitals notify`."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote

import msgspec
from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table
from rich.text import Text

from chatvitals.cli.target import DEFAULT_URL, Data, Token, Url, connected, request
from chatvitals.errors import ChatvitalsError

_PATH = "/api/monitoring/receivers"

notify = App(name="notify", help="Try receivers, and look after what is to be delivered.")


class NotDelivered(ChatvitalsError):
    """A channel that was tried didn't take the test notification."""


@notify.command(name="test")
def try_receiver(receiver: str, *, url: Url = DEFAULT_URL, data: Data = None, token: Token = "") -> None:
    """Send a test notification through every channel of a receiver, and say how each did.

    Parameters
    ----------
    receiver
        Name of the receiver.
    """
    answer = _ask("POST", f"{_PATH}/{quote(receiver, safe='')}/test", url, data, token, json={})
    table = Table("channel", "type", "target", "ms", "result", box=None, header_style="bold", pad_edge=False)
    for trial in answer["channels"]:
        result = "delivered" if trial["delivered"] else trial["error"]
        table.add_row(*_texts(trial["channel"], trial["type"], trial["target"], trial["tookMs"], result))
    Console().print(table)
    failed = [trial["channel"] for trial in answer["channels"] if not trial["delivered"]]
    if failed:
        raise NotDelivered(f"not delivered on {', '.join(failed)}")


@notify.command(name="outbox")
def list_outbox(
    *,
    status: Annotated[
        Literal["waiting", "delivered", "dead"] | None, Parameter(help="Only these; all by default.")
    ] = None,
    limit: Annotated[int, Parameter(help="Most letters to list.")] = 50,
    url: Url = DEFAULT_URL,
    data: Data = None,
    token: Token = "",
) -> None:
    """List what waits, was delivered, or is dead, the newest first."""
    parameters = {"limit": str(limit)} | ({"status": status} if status else {})
    answer = _ask("GET", f"{_PATH}/outbox", url, data, token, params=parameters)
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("id, made", no_wrap=True)
    for name in ("to", "state", "about, last error"):
        table.add_column(name)
    for letter in answer["letters"]:
        made = datetime.fromtimestamp(letter["createdMs"] / 1_000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        state = f"{letter['status']}\n{letter['attempts']} {'try' if letter['attempts'] == 1 else 'tries'}"
        to = f"{letter['receiver']}\n{letter['channel']}"
        about = f"{letter['headline']}\n{letter['error']}".rstrip()
        table.add_row(*_texts(f"{letter['id']}\n{made}", to, state, about))
    Console().print(table if table.row_count else "no letters")


@notify.command(name="resend")
def resend_letter(id: str, *, url: Url = DEFAULT_URL, data: Data = None, token: Token = "") -> None:
    """Let a dead letter be tried again from the start.

    Parameters
    ----------
    id
        The letter's id, as `chatvitals notify outbox --status dead` lists it.
    """
    _ask("POST", f"{_PATH}/outbox/{quote(id, safe='')}/resend", url, data, token, json={})
    Console().print("it waits again")


def _ask(method: str, path: str, url: str, data: Path | None, token: str, **arguments: Any) -> Any:
    return asyncio.run(_answer(method, path, url, data, token, arguments))


async def _answer(method: str, path: str, url: str, data: Path | None, token: str, arguments: dict[str, Any]) -> Any:
    async with connected(url, data, token) as client:
        response = await request(client, method, path, **arguments)
        return msgspec.json.decode(response.content)


def _texts(*cells: Any) -> list[Text]:
    """As they are: what others wrote is no markup."""
    return [Text(str(cell)) for cell in cells]
