"""Every page's context is a documented dataclass, and its template sees nothing else."""

import dataclasses
import inspect
import re
from importlib.resources import files
from pathlib import Path

import pytest
from jinja2 import meta, nodes
from tools.generate_pages import context_of, fields_of

from chatvitals.dashboard.assets import Assets
from chatvitals.dashboard.page import Page
from chatvitals.dashboard.registry import ACTIONS, DOWNLOADS, NAVIGATION, PAGES
from chatvitals.dashboard.rendering import Renderer

TEMPLATES = Path(str(files("chatvitals.dashboard") / "templates"))
ENVIRONMENT = Renderer(Assets({})).environment
AROUND = {"frame", "live", "ago", "exact_time", "clock_time", *ENVIRONMENT.globals}
"""What every template sees beside its context."""

by_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


@by_page
def test_a_context_is_a_frozen_dataclass_whose_fields_say_what_they_are(page: Page) -> None:
    context = context_of(page)
    assert dataclasses.is_dataclass(context)
    assert context.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert inspect.getdoc(context), f"{context.__name__} doesn't say what it is"
    assert [name for name, what in fields_of(context) if not what] == []


def _names_used(template: str, seen: set[str]) -> set[str]:
    """Names that a template, and those it extends and includes, take from outside."""
    if template in seen:
        return set()
    seen.add(template)
    tree = ENVIRONMENT.parse((TEMPLATES / template).read_text())
    names = meta.find_undeclared_variables(tree) - _names_made(tree)
    for other in meta.find_referenced_templates(tree):
        assert other is not None, f"{template} takes in a template whose name is not written there"
        names |= _names_used(other, seen)
    return names


def _names_made(tree: nodes.Template) -> set[str]:
    """Macros that a template has or takes in: blocks see them too."""
    names = {macro.name for macro in tree.find_all(nodes.Macro)}
    for taken in tree.find_all(nodes.FromImport):
        names |= {one[1] if isinstance(one, tuple) else one for one in taken.names}
    return names


@by_page
def test_a_template_sees_its_context_and_what_is_around(page: Page) -> None:
    known = {name for name, _ in fields_of(context_of(page))} | AROUND
    assert _names_used(page.template, set()) - known == set()


@pytest.mark.parametrize("template", sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html")))
def test_templates_neither_compute_nor_trust(template: str) -> None:
    text = (TEMPLATES / template).read_text()
    tree = ENVIRONMENT.parse(text)
    assert not list(tree.find_all((nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Mul, nodes.Pow))), "arithmetic"
    assert not [one for one in tree.find_all(nodes.Filter) if one.name in ("safe", "sum", "round")]
    assert not re.search(r"\bstyle\s*=|\bon[a-z]+\s*=\s*[\"']|<script(?![^>]*(src=|application/json))", text)


def test_names_and_paths_are_unique_and_the_navigation_leads_somewhere() -> None:
    names = [page.name for page in PAGES]
    paths = [page.path for page in PAGES] + [download.path for download in DOWNLOADS]
    assert len(set(names)) == len(names)
    assert len(set(paths)) == len(paths)
    assert len({action.path for action in ACTIONS}) == len(ACTIONS)
    assert {entry.page for entry in NAVIGATION} <= set(names)
    assert {page.belongs_to for page in PAGES} <= {entry.page for entry in NAVIGATION}
    assert len({entry.key for entry in NAVIGATION}) == len(NAVIGATION)
