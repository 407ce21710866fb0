"""What a page is, what it is asked, and what an action on it is."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chatvitals.dashboard.parts import Parts
from chatvitals.dashboard.view import View


@dataclass(frozen=True, slots=True)
class Visit:
    """One look at a page: its view, the parts of its path, its own query parameters, when, and who looks."""

    view: View
    path: Mapping[str, str]
    query: Mapping[str, str]
    now_ms: int
    parts: Parts
    who: str = "dashboard"


def help_(what: str, **more: Any) -> Any:
    """A field of a context, and what it is: templates, tests and the reference read it. `more` is for `field`."""
    return dataclasses.field(metadata={"help": what}, **more)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageContext:
    """What a template sees by name. Every field says what it is."""

    heading: str = help_("The page's heading, and the title of its tab")


@dataclass(frozen=True, slots=True)
class Page:
    """A place of the dashboard.

    `path` may have parts in braces, `{customer:path}` for one that may hold slashes; `name` is unique. `build` runs in
    a thread and raises RequestError for what can't be answered. What is `live` is rendered anew as events come;
    `filtered` says that the view's filters matter to it, `single` that it shows single events, which are kept for a
    shorter time than sums. `section` names the entry of the navigation it belongs to. `adopt` may give a visit another
    view before anything is made of it, where a page brings its own.
    """

    path: str
    name: str
    title: str
    template: str
    build: Callable[[Visit], PageContext]
    live: bool = True
    filtered: bool = True
    single: bool = False
    section: str = ""
    adopt: Callable[[Visit], Visit] | None = None

    @property
    def belongs_to(self) -> str:
        return self.section or self.name


@dataclass(frozen=True, slots=True)
class File:
    """What a download answers with."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Download:
    """A file made of a visit, as the CSV of a chart."""

    path: str
    make: Callable[[Visit], File]


@dataclass(frozen=True, slots=True)
class Undo:
    """What takes an action back: another one, and its fields."""

    path: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Done:
    """What an action did, in words; where to go on, the page it came from if empty; and how to undo it, if one can."""

    said: str
    to: str = ""
    undo: Undo | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """Something people do: a POST with the fields of a form. Raises RequestError where it can't be done."""

    path: str
    handle: Callable[[Visit, Mapping[str, str]], Done]
