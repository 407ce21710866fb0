"""What can be asked: a window of time, filters, and the scope of who asks."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from chatvitals.catalogue.dimensions import DIMENSION_NAMES
from chatvitals.errors import BadRequest

DEFAULT_WINDOW_MS = 300_000
MAX_WINDOW_MS = 400 * 86_400_000
MAX_FILTER_VALUES = 200

Filters = Mapping[str, tuple[str, ...]]
"""For each dimension the values that count; several are alternatives."""


@dataclass(frozen=True, slots=True)
class Window:
    """From `start_ms` on, up to but without `end_ms`, in Unix milliseconds."""

    start_ms: int
    end_ms: int

    @property
    def length_ms(self) -> int:
        return self.end_ms - self.start_ms

    def previous(self) -> "Window":
        """The window of the same length that ends where this one starts."""
        return Window(self.start_ms - self.length_ms, self.start_ms)


@dataclass(frozen=True, slots=True)
class Scope:
    """What the asker may see at all: these sites, or every one. Added to each query, whatever the filters say."""

    sites: tuple[str, ...] | None = None


EVERYTHING = Scope()


@dataclass(frozen=True, slots=True)
class Question:
    """A window, seen through filters, within a scope.

    `by_arrival`: the window holds the events that came in it, if they happened in the day before; what comes late, from
    a browser that was offline, is in no recent window otherwise.
    """

    window: Window
    filters: Filters = field(default_factory=dict)
    scope: Scope = EVERYTHING
    by_arrival: bool = False

    def over(self, window: Window) -> "Question":
        """The same question about another window."""
        return replace(self, window=window)

    def where(self, dimension: str, values: Iterable[str]) -> "Question":
        """The same question, only about these values of a dimension."""
        return replace(self, filters={**self.filters, dimension: tuple(values)})

    def without(self, dimension: str) -> "Question":
        """The same question with no filter on a dimension."""
        return replace(self, filters={name: values for name, values in self.filters.items() if name != dimension})


FILTERABLE: tuple[str, ...] = ("site", *DIMENSION_NAMES)

_DIGITS = re.compile(r"-?[0-9]{1,16}")


def parse_time(text: str, name: str) -> int:
    """Unix milliseconds of a time given as Unix milliseconds or RFC 3339. Raises BadRequest."""
    if _DIGITS.fullmatch(text):
        moment = int(text)
    else:
        try:
            parsed = datetime.fromisoformat(text)
        except ValueError as error:
            raise BadRequest(
                f"{name} is {text[:40]!r}: give Unix milliseconds or RFC 3339, as 2026-01-31T12:00:00Z", name
            ) from error
        moment = round((parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp() * 1_000)
    if not 0 <= moment <= 4_102_444_800_000:
        raise BadRequest(f"{name} is out of range: times from 1970 to 2100 are known here", name)
    return moment


def parse_whole(text: str, name: str, least: int, most: int) -> int:
    """A whole number within bounds. Raises BadRequest."""
    if not _DIGITS.fullmatch(text) or not least <= int(text) <= most:
        raise BadRequest(f"{name} is {text[:40]!r}: give a whole number from {least} to {most}", name)
    return int(text)


def parse_window(parameters: Mapping[str, str], now_ms: int) -> Window:
    """The window that `window`, or `from` and `to`, ask for; the last five minutes by default. Raises BadRequest."""
    if "from" in parameters or "to" in parameters:
        if "window" in parameters:
            raise BadRequest("give either window, or from and to", "window")
        end = parse_time(parameters["to"], "to") if "to" in parameters else now_ms
        start = parse_time(parameters["from"], "from") if "from" in parameters else end - DEFAULT_WINDOW_MS
        if start >= end:
            raise BadRequest("from must be before to", "from")
        if end - start > MAX_WINDOW_MS:
            raise BadRequest("the window is longer than 400 days", "from")
        return Window(start, end)
    length = DEFAULT_WINDOW_MS
    if "window" in parameters:
        length = parse_whole(parameters["window"], "window", 1_000, MAX_WINDOW_MS)
    return Window(now_ms - length, now_ms)


def parse_filters(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """Filters from query parameters; the same dimension several times means any of its values. Raises BadRequest."""
    filters: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        if name in FILTERABLE:
            filters[name] = (*filters.get(name, ()), value)
            if len(filters[name]) > MAX_FILTER_VALUES:
                raise BadRequest(f"more than {MAX_FILTER_VALUES} values for {name}", name)
    return filters


def refuse_unknown(names: Iterable[str], known: Sequence[str]) -> None:
    """Raise BadRequest for a parameter that nothing reads: a misspelt filter must not pass for none."""
    for name in names:
        if name not in known and name not in FILTERABLE:
            raise BadRequest(
                f"there is no parameter {name[:40]!r}; known ones are {', '.join((*known, *FILTERABLE))}",
                name[:40],
            )
