"""Tabs: one of several ways to look at the same page, each with a link of its own."""

from collections.abc import Mapping
from dataclasses import dataclass

from chatvitals.dashboard.elements.table import Link
from chatvitals.errors import BadRequest


@dataclass(frozen=True, slots=True)
class Tab:
    """One way to look; `current` is the one that is looked at."""

    words: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """A parameter of a page with few values: each value's words, the first of them being the default."""

    name: str
    words: Mapping[str, str]

    @property
    def default(self) -> str:
        return next(iter(self.words))

    def read(self, query: Mapping[str, str]) -> str:
        """The value that a query gives. Raises BadRequest for one that there isn't."""
        value = query.get(self.name, self.default)
        if value not in self.words:
            raise BadRequest(f"{self.name} is {value[:40]!r}: give one of {', '.join(self.words)}", self.name)
        return value

    def said(self, value: str) -> str | None:
        """The value as the URL says it, None for the default."""
        return None if value == self.default else value

    def tabs(self, current: str, link: Link) -> tuple[Tab, ...]:
        """A tab for each value; choosing one starts the page's sorting and paging anew."""
        return tuple(
            Tab(words, link(**{self.name: self.said(value)}), value == current) for value, words in self.words.items()
        )
