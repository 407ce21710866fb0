"""What the URL of a page says beside its path: the window of time, its zone, the filters, and what to compare with.

A view makes the links to variations of itself, so that what people see can always be shared.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from chatvitals.errors import BadRequest
from chatvitals.query.request import (
    FILTERABLE,
    MAX_WINDOW_MS,
    Filters,
    Question,
    Window,
    parse_filters,
    parse_time,
    parse_whole,
)

DEFAULT_WINDOW_MS = 3_600_000
PRESETS: tuple[tuple[int, str], ...] = (
    (300_000, "5 min"),
    (900_000, "15 min"),
    (3_600_000, "1 h"),
    (21_600_000, "6 h"),
    (86_400_000, "24 h"),
    (7 * 86_400_000, "7 d"),
    (30 * 86_400_000, "30 d"),
)
"""Lengths of windows that are offered, in milliseconds, and their names."""

Comparison = Literal["", "before", "week"]
COMPARISONS: tuple[Comparison, ...] = ("", "before", "week")

VIEW_PARAMETERS: tuple[str, ...] = ("window", "from", "to", "tz", "compare", *FILTERABLE)
"""The query parameters that say a view; all others are a page's own."""

_WEEK_MS = 7 * 86_400_000


@dataclass(frozen=True, slots=True)
class View:
    """Either the last `window_ms` milliseconds, or the fixed `range`; `zone` is an IANA name."""

    window_ms: int = DEFAULT_WINDOW_MS
    range: Window | None = None
    zone: str = "UTC"
    filters: Filters = field(default_factory=dict)
    compare: Comparison = ""

    @property
    def moves(self) -> bool:
        """Whether the window ends now, whenever it is looked at."""
        return self.range is None

    @property
    def tzinfo(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def window(self, now_ms: int) -> Window:
        """The window that is looked at."""
        return self.range or Window(now_ms - self.window_ms, now_ms)

    def question(self, now_ms: int) -> Question:
        """What is asked: the window through the filters."""
        return Question(self.window(now_ms), self.filters)

    def compared(self, now_ms: int) -> Window | None:
        """The window to compare with: the one just before, the same one a week before, or none."""
        window = self.window(now_ms)
        match self.compare:
            case "before":
                return window.previous()
            case "week":
                return Window(window.start_ms - _WEEK_MS, window.end_ms - _WEEK_MS)
        return None

    @property
    def parameters(self) -> tuple[tuple[str, str], ...]:
        """The view as query parameters, always in the same order; what is the default is left out."""
        pairs: list[tuple[str, str]] = []
        if self.range is not None:
            pairs += [("from", _iso(self.range.start_ms)), ("to", _iso(self.range.end_ms))]
        elif self.window_ms != DEFAULT_WINDOW_MS:
            pairs.append(("window", str(self.window_ms)))
        if self.zone != "UTC":
            pairs.append(("tz", self.zone))
        if self.compare:
            pairs.append(("compare", self.compare))
        return (*pairs, *((name, value) for name in FILTERABLE for value in self.filters.get(name, ())))

    def href(self, path: str, **own: str | int | None) -> str:
        """A link to a page as it looks in this view; `own` are the page's own parameters, None leaves one out."""
        pairs = [*self.parameters, *((name, str(value)) for name, value in own.items() if value is not None)]
        return f"{path}?{urlencode(pairs)}" if pairs else path

    def api_href(self, path: str, now_ms: int, **own: str | int) -> str:
        """A link to the same of the API, which knows windows and filters, but neither zones nor comparisons."""
        window = (
            [("window", str(self.window_ms))]
            if self.range is None
            else [("from", str(self.range.start_ms)), ("to", str(self.window(now_ms).end_ms))]
        )
        filters = [(name, value) for name in FILTERABLE for value in self.filters.get(name, ())]
        return f"{path}?{urlencode([*((name, str(value)) for name, value in own.items()), *window, *filters])}"

    def over(self, window_ms: int) -> "View":
        """The same view of the last `window_ms`."""
        return replace(self, window_ms=window_ms, range=None)

    def between(self, start_ms: int, end_ms: int) -> "View":
        """The same view of a fixed range."""
        return replace(self, range=Window(start_ms, end_ms))

    def where(self, dimension: str, *values: str) -> "View":
        """The same view with these values of a dimension only; with none, of all values."""
        rest = {name: kept for name, kept in self.filters.items() if name != dimension}
        return replace(self, filters={**rest, dimension: values} if values else rest)

    def comparing(self, compare: Comparison) -> "View":
        """The same view beside another window."""
        return replace(self, compare=compare)


def read_view(pairs: Iterable[tuple[str, str]]) -> View:
    """The view that query parameters say; empty ones, as forms send them, say nothing. Raises BadRequest."""
    given = [(name, value) for name, value in pairs if value]
    parameters = dict(given)
    zone = _zone(parameters.get("tz", "UTC"))
    compare = parameters.get("compare", "")
    if compare not in COMPARISONS:
        raise BadRequest(f"compare is {compare[:40]!r}: give before or week", "compare")
    window_ms = DEFAULT_WINDOW_MS
    if "window" in parameters:
        window_ms = parse_whole(parameters["window"], "window", 1_000, MAX_WINDOW_MS)
    filters = parse_filters(given)
    return View(window_ms, _range(parameters, zone), zone, filters, compare)


def own_parameters(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The page's own parameters among all."""
    return {name: value for name, value in pairs if name not in VIEW_PARAMETERS and value}


def segment(text: str) -> str:
    """Text as one part of a path, whatever is in it."""
    return quote(text, safe="")


def _range(parameters: Mapping[str, str], zone: str) -> Window | None:
    if "from" not in parameters and "to" not in parameters:
        return None
    for name in ("from", "to"):
        if name not in parameters:
            raise BadRequest(f"{name} is missing: a range has a start and an end", name)
    start, end = (_moment(parameters[name], name, zone) for name in ("from", "to"))
    if start >= end:
        raise BadRequest("the range ends before it starts: choose an end after its start", "to")
    if end - start > MAX_WINDOW_MS:
        raise BadRequest("the range is longer than 400 days", "from")
    return Window(start, end)


def _moment(text: str, name: str, zone: str) -> int:
    """A time without a zone, as the fields of a form give it, is one of the view's."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return parse_time(text, name)
    if moment.tzinfo is None:
        text = moment.replace(tzinfo=ZoneInfo(zone)).isoformat()
    return parse_time(text, name)


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:  # an unknown name is a KeyError, one that no file can have another
        raise BadRequest(f"there is no time zone {name[:60]!r}: give an IANA name, as Europe/Berlin", "tz") from error
    return name


def _iso(moment_ms: int) -> str:
    """RFC 3339 in UTC, with milliseconds only where there are any."""
    moment = datetime.fromtimestamp(moment_ms / 1_000, UTC)
    return moment.isoformat(timespec="milliseconds" if moment_ms % 1_000 else "seconds").replace("+00:00", "Z")


def filters_in_words(filters: Mapping[str, Sequence[str]]) -> str:
    """What is looked at: "customer acme, browser Safari 17 or Safari 18"; empty where nothing is filtered."""
    return ", ".join(f"{name} {' or '.join(values)}" for name, values in filters.items() if values)
