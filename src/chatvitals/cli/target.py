"""Where a command finds the events: a running server by its URL, or a data directory that no server has open."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import httpx2
import msgspec
from cyclopts import Parameter

from chatvitals.errors import BadRequest, ChatvitalsError

DEFAULT_URL = "http://127.0.0.1:8000"

Url = Annotated[str, Parameter(help="Address of the server.")]
Data = Annotated[Path | None, Parameter(help="Open this data directory instead, with no server on it.")]
Token = Annotated[
    str, Parameter(env_var="CHATVITALS_API_TOKEN", help="The server's API token; none for `serve --dev`.")
]

_INSIDE = "http://localhost"


@asynccontextmanager
async def connected(url: str, data: Path | None, token: str) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of the server at `url`, or of one within this process over `data`."""
    timeout = httpx2.Timeout(120, connect=5)
    headers = {"authorization": f"Bearer {token}"} if token else {}
    if data is None:
        async with httpx2.AsyncClient(base_url=url, headers=headers, timeout=timeout, trust_env=False) as client:
            yield client
        return
    if not data.exists():  # noqa: ASYNC240 - one look, before anything runs
        raise BadRequest(f"there is no data directory {data}")
    from chatvitals.server.app import Application
    from chatvitals.server.service import running_service
    from chatvitals.settings import load_settings

    async with running_service(load_settings(data=str(data)), alerts=False) as service:
        transport = httpx2.ASGITransport(Application(service, token=None))
        async with httpx2.AsyncClient(transport=transport, base_url=_INSIDE, timeout=timeout) as client:
            yield client


class RequestFailed(ChatvitalsError):
    """The server refused, or wasn't there."""


async def request(client: httpx2.AsyncClient, method: str, path: str, **arguments: Any) -> httpx2.Response:
    """A successful answer. Raises RequestFailed, saying what the server said."""
    try:
        response = await client.request(method, path, **arguments)
    except httpx2.TransportError as error:
        raise _unreachable(client, error) from error
    refuse(response)
    return response


@asynccontextmanager
async def streamed(
    client: httpx2.AsyncClient, method: str, path: str, **arguments: Any
) -> AsyncIterator[httpx2.Response]:
    """A successful answer, to be read as it comes. Raises RequestFailed, also where it breaks off."""
    try:
        async with client.stream(method, path, **arguments) as response:
            if not response.is_success:
                await response.aread()
                refuse(response)
            yield response
    except httpx2.TransportError as error:
        raise _unreachable(client, error) from error


def refuse(response: httpx2.Response) -> None:
    """Raise RequestFailed unless the answer, read whole, is a success."""
    if response.is_success:
        return
    try:
        detail = msgspec.json.decode(response.content)["detail"]
    except (msgspec.DecodeError, KeyError, TypeError):
        detail = response.text[:200]
    raise RequestFailed(f"the server answered {response.status_code}: {detail}")


def _unreachable(client: httpx2.AsyncClient, error: Exception) -> RequestFailed:
    return RequestFailed(
        f"no server answers at {client.base_url} ({error}): start one with `chatvitals serve`, name it with --url,"
        " or open its data directory with --data"
    )
