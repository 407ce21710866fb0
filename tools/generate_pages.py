"""The reference page of the dashboard's pages: what each template sees, from the contexts' own words."""

import dataclasses
import inspect
import typing
from pathlib import Path

from chatvitals.dashboard.page import Page, PageContext
from chatvitals.dashboard.registry import ACTIONS, DOWNLOADS, PAGES

PATH = Path(__file__).parent.parent / "docs" / "reference" / "dashboard-pages.md"

_HEAD = """<!-- Made by `make generate` from `dashboard/registry.py` and the contexts; change those, not this. -->

# Pages of the dashboard

Each page is a context and a template. The context is what the template may show, every figure already in the words of
people; the template computes nothing. A page with *live* parts sends those that changed to whoever looks
([live](live.md)). All pages take the parameters of a view: `window` in milliseconds, or `from` and `to` (RFC 3339, or
a time of the zone `tz`), `compare` (`before`, `week`), and the filters `site`, `customer`, `release`, `variant`,
`page`, `browser`, `os`, `device` and `country`, each of which may be given several times.
"""


def context_of(page: Page) -> type[PageContext]:
    """The class of the context that a page builds."""
    made: type = typing.get_type_hints(page.build)["return"]
    assert issubclass(made, PageContext)
    return made


def fields_of(context: type[PageContext]) -> list[tuple[str, str]]:
    """Names of a context's fields, and what they are."""
    return [(field.name, field.metadata.get("help", "")) for field in dataclasses.fields(context)]


def _section(page: Page) -> str:
    context = context_of(page)
    kept = "; parts of it are live" if page.live else ""
    lines = [f"## {page.title}: `{page.path}`", "", f"{inspect.getdoc(context)} (`{context.__name__}`{kept})", ""]
    lines += ["| field | what it is |", "|---|---|"]
    lines += [f"| `{name}` | {what} |" for name, what in fields_of(context)]
    return "\n".join(lines)


def pages() -> dict[Path, str]:
    """The text of the page, by its path."""
    sections = [_section(page) for page in PAGES]
    acts = "\n".join(f"- `POST {action.path}`" for action in ACTIONS)
    files = "\n".join(f"- `GET {download.path}`" for download in DOWNLOADS)
    tail = f"## Actions\n\nForms that the pages send; they answer with a redirection, and scripts with JSON.\n\n{acts}"
    text = "\n\n".join([_HEAD.rstrip(), *sections, tail, f"## Files\n\n{files}"])
    return {PATH: text + "\n"}
