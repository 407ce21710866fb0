"""Errors as problem details (RFC 9457): the one place that knows how an error looks over HTTP."""

import math

import msgspec
from starlette.responses import Response

from chatvitals.errors import BadRequest, RateLimited, RequestError, Unavailable

MEDIA_TYPE = "application/problem+json"


class Problem(msgspec.Struct, omit_defaults=True):
    """`type` is a URN of ours that names the error for good; `field` the part of the request that is wrong."""

    type: str
    title: str
    status: int
    detail: str
    field: str | None = None


def problem_body(error: RequestError) -> bytes:
    """The problem document of an error."""
    return msgspec.json.encode(
        Problem(
            f"urn:chatvitals:problem:{error.reason}",
            error.title,
            error.status,
            str(error),
            error.field if isinstance(error, BadRequest) else None,
        )
    )


def problem_headers(error: RequestError) -> dict[str, str]:
    """The headers that go with it."""
    headers = {"content-type": MEDIA_TYPE, "cache-control": "no-store"}
    if isinstance(error, RateLimited | Unavailable):
        headers["retry-after"] = str(max(1, math.ceil(error.retry_after_s)))
    return headers


def problem_response(error: RequestError) -> Response:
    """The whole answer."""
    return Response(problem_body(error), error.status, problem_headers(error))
