"""Answers in JSON."""

from typing import Any

import msgspec
from starlette.responses import Response


def json_answer(answer: Any, status: int = 200) -> Response:
    """What msgspec can encode, for nobody to keep."""
    headers = {"cache-control": "no-store"}
    return Response(msgspec.json.encode(answer), status, media_type="application/json", headers=headers)
