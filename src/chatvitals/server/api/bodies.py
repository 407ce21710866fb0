"""JSON bodies of requests."""

from typing import TypeVar

import msgspec
from starlette.requests import Request

from chatvitals.errors import BadRequest, UnsupportedMedia
from chatvitals.ingest.body import read_body

T = TypeVar("T")

MAX_BYTES = 1 << 20
_TIMEOUT_S = 10.0
_JSON = "application/json"


async def read_json(request: Request, type: type[T]) -> T:
    """The body, as a struct of this type.

    Raises UnsupportedMedia unless it is called JSON: a page of another origin can't call it so without being asked
    first. Raises BadRequest, TooLarge, TimedOut or ClientGone.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != _JSON:
        raise UnsupportedMedia(f"send the body as {_JSON}")
    body = await read_body(request.receive, MAX_BYTES, _TIMEOUT_S)
    try:
        return msgspec.json.decode(body, type=type)
    except msgspec.ValidationError as error:
        what, _, place = str(error).partition(" - at `$.")
        raise BadRequest(f"the body is not as it should be: {error}", place.rstrip("`") or _missing(what)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest(f"the body is not valid JSON: {error}") from error


def _missing(what: str) -> str | None:
    """The field that msgspec misses or doesn't know."""
    return what.split("`")[1] if what.count("`") == 2 and "field" in what else None
