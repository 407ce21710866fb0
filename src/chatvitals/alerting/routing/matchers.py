"""Matchers, which choose incidents by a label: `severity=critical`, `customer!=acme`, `release=~2[.]4[.].*`."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache

import msgspec

from chatvitals.alerting.routing.patterns import BadPattern, Pattern
from chatvitals.errors import ChatvitalsError

MAX_LENGTH = 1_000
"""Of a matcher, in characters."""

_WRITTEN = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_.-]{0,99})\s*(=~|!~|!=|=)\s*(?![=~])(.*?)\s*", re.DOTALL)
_PLAIN = re.compile(r'[^\s"=~]([^"]*[^\s"])?')


class BadMatcher(ChatvitalsError):
    """The text is no matcher; the message says why."""


class Operator(StrEnum):
    """How a label is compared."""

    EQUAL = "="
    UNEQUAL = "!="
    MATCHES = "=~"
    DIFFERS = "!~"


@dataclass(frozen=True)
class Matcher:
    """A label compared with a value, or with a pattern for the whole of it. A label that is missing counts as empty."""

    label: str
    operator: Operator
    value: str

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether it holds for these labels."""
        value = labels.get(self.label, "")
        match self.operator:
            case Operator.EQUAL:
                return value == self.value
            case Operator.UNEQUAL:
                return value != self.value
            case Operator.MATCHES:
                return self.pattern.matches(value)
            case Operator.DIFFERS:
                return not self.pattern.matches(value)

    @cached_property
    def pattern(self) -> Pattern:
        """The value as a pattern. Raises BadPattern."""
        return Pattern(self.value)

    def __str__(self) -> str:
        plain = _PLAIN.fullmatch(self.value)
        return f"{self.label}{self.operator}{self.value if plain else msgspec.json.encode(self.value).decode()}"


@lru_cache(maxsize=1_000)
def parse_matcher(text: str) -> Matcher:
    """The matcher that a text such as `customer!=acme` is. Raises BadMatcher."""
    if len(text) > MAX_LENGTH:
        raise BadMatcher(f"a matcher has at most {MAX_LENGTH} characters; this has {len(text)}")
    written = _WRITTEN.fullmatch(text)
    if written is None:
        raise BadMatcher(
            f"{text[:100]!r} is no matcher: write label=value, label!=value, label=~pattern or label!~pattern"
        )
    label, operator, value = written.groups()
    matcher = Matcher(label, Operator(operator), _unquoted(value))
    if matcher.operator in (Operator.MATCHES, Operator.DIFFERS):
        try:
            matcher.pattern  # noqa: B018 - a pattern that can't be read is told now
        except BadPattern as error:
            raise BadMatcher(f"the pattern of {label} can't be read: {error}") from error
    return matcher


def _unquoted(value: str) -> str:
    if '"' not in value:
        return value
    try:
        return msgspec.json.decode(value, type=str)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise BadMatcher(
            f"{value[:100]} is no value: put it into double quotes, with a backslash before each quote and"
            " backslash in it, or leave quotes out"
        ) from error


def all_match(matchers: Iterable[Matcher], labels: Mapping[str, str]) -> bool:
    """Whether every one of them holds; so none at all holds for everything."""
    return all(matcher.matches(labels) for matcher in matchers)
