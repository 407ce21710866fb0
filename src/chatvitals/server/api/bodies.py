"""JSON bodies of requests."""

import asyncio
from typing import TypeVar

import msgspec
from starlette.requests import Request

from chatvitals.alerting.conversion import convert
from chatvitals.alerting.documents import say_path
from chatvitals.alerting.nodes import BadYaml, node_of
from chatvitals.errors import BadRequest, UnsupportedMedia
from chatvitals.ingest.body import read_body

T = TypeVar("T")

MAX_BYTES = 1 << 18
_TIMEOUT_S = 10.0
_JSON = "application/json"


async def read_json(request: Request, type: type[T]) -> T:
    """The body, as a struct of this type.

    Raises UnsupportedMedia unless it is called JSON: a page of another origin can't call it so without being asked
    first. Raises BadRequest, which lists every mistake and names the first one's field; and TooLarge, TimedOut or
    ClientGone.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != _JSON:
        raise UnsupportedMedia(f"send the body as {_JSON}")
    return await asyncio.to_thread(_converted, await read_body(request.receive, MAX_BYTES, _TIMEOUT_S), type)


def _converted(body: bytes, type: type[T]) -> T:
    """Takes a while, where much is wrong."""
    try:
        node = node_of(msgspec.json.decode(body))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest(f"the body is not valid JSON: {error}") from error
    except BadYaml as bad:
        raise BadRequest(f"the body {bad.found[0][1]}") from bad
    if not isinstance(node.value, dict):
        raise BadRequest("the body is no JSON object")
    value, found = convert(node, type, ())
    if found:
        said = (f"{say_path(one.path)}: {one.message}" if one.path else one.message for one in found)
        raise BadRequest("\n".join(said), say_path(found[0].field) or None)
    made: T = value
    return made
