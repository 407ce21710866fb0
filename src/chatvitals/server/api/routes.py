"""The routes of the API, in one table: from here come the router, the OpenAPI document and the tests' list."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import Response


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of the query, or a part of the path; `kind` is its JSON schema type.

    `several` says that it may be given several times, for any of several.
    """

    name: str
    what: str
    kind: Literal["string", "integer"] = "string"
    required: bool = False
    values: tuple[str, ...] = ()
    place: Literal["query", "path"] = "query"
    several: bool = False


def in_path(name: str, what: str) -> Parameter:
    """A part of the path, `{name}` there."""
    return Parameter(name, what, required=True, place="path")


Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class ApiRoute:
    """One operation.

    `answer` is the type of its JSON answer, `body` that of its JSON body, or the name of another format; `open` says
    that it needs no token.
    """

    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    summary: str
    handler: Handler
    answer: Any = None
    parameters: tuple[Parameter, ...] = ()
    filters: bool = False
    body: Any = None
    media_types: tuple[str, ...] = ("application/json",)
    status: int = 200
    open: bool = False

    @property
    def known_parameters(self) -> tuple[str, ...]:
        return tuple(parameter.name for parameter in self.parameters)


WINDOW_PARAMETERS = (
    Parameter("window", "length of the window in ms, up to now; default 300000", "integer"),
    Parameter("from", "start, as Unix milliseconds or RFC 3339"),
    Parameter("to", "end, as Unix milliseconds or RFC 3339; default now"),
)
