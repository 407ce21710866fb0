"""What went wrong, on a page: what happened, what was kept, and where to go on. Never what only the log should say."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from chatvitals.errors import BadRequest, RequestError

_TOGETHER = (("from", "to", "tz"),)
"""Parameters that mean nothing without each other."""

_KEPT: dict[int, str] = {
    400: "Nothing was changed.",
    403: "Nothing was changed.",
    409: "Nothing was changed.",
    500: "What widgets send is taken as before. The server’s log says what the mistake is.",
    503: "What widgets send is kept as before: it waits on the disk until the events store takes it.",
}


@dataclass(frozen=True, slots=True)
class WayOn:
    """A link to go on by."""

    words: str
    href: str


@dataclass(frozen=True, slots=True)
class Problem:
    """`detail` says what happened, `kept` what it has no effect on; empty where there is nothing to say."""

    status: int
    heading: str
    detail: str
    kept: str
    ways: tuple[WayOn, ...]


def problem_of(error: RequestError, path: str, pairs: Sequence[tuple[str, str]]) -> Problem:
    """The problem of a request for `path`, as it reads, with these query parameters."""
    return Problem(error.status, error.title, str(error), _KEPT.get(error.status, ""), tuple(_ways(error, path, pairs)))


def _ways(error: RequestError, path: str, pairs: Sequence[tuple[str, str]]) -> list[WayOn]:
    start = WayOn("Go to the main page", "/dashboard/performance")
    if isinstance(error, BadRequest):
        without = [pair for pair in pairs if pair[0] not in _with_its_fellows(error.field)]
        if len(without) < len(pairs):
            return [WayOn(f"Show the page without {error.field}", _href(path, without)), start]
        return [start] if not pairs else [WayOn("Show the page without any filter", _href(path, [])), start]
    if error.status >= 500:
        return [WayOn("Try again", _href(path, pairs)), WayOn("See how the server fares", "/dashboard/system"), start]
    return [start]


def _with_its_fellows(name: str | None) -> tuple[str | None, ...]:
    return next((group for group in _TOGETHER if name in group), (name,))


def _href(path: str, pairs: Sequence[tuple[str, str]]) -> str:
    return f"{quote(path)}?{urlencode(pairs)}" if pairs else quote(path)
