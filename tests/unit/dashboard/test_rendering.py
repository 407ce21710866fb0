from dataclasses import dataclass
from html import unescape

import pytest
from jinja2 import DictLoader, UndefinedError

from chatvitals.dashboard.assets import Assets
from chatvitals.dashboard.page import PageContext, help_
from chatvitals.dashboard.rendering import Rendered, Renderer


@dataclass(frozen=True, slots=True, kw_only=True)
class Context(PageContext):
    """Of a page of these tests."""

    words: str = help_("What it says")


class _Frame:
    now_ms = 0


def rendered(template: str, words: str) -> Rendered:
    renderer = Renderer(Assets({"main.js": "main-1.js"}))
    renderer.environment.loader = DictLoader({"t.html": template})
    fields = {"words": words}
    return renderer._render("t.html", _Frame(), None, fields)  # type: ignore[arg-type]


def test_what_is_live_is_told_apart_with_a_digest() -> None:
    template = "{% call live('a') %}{{ words }}{% endcall %}{% call live('b') %}still{% endcall %}"
    one, two = rendered(template, "first"), rendered(template, "second")
    assert one.html == one.fragments["a"].html + one.fragments["b"].html
    assert one.fragments["a"].digest != two.fragments["a"].digest
    assert one.fragments["b"] == two.fragments["b"]
    assert f'data-live="{one.fragments["a"].digest}"' in one.html


def test_the_words_of_a_relative_time_are_no_change() -> None:
    template = "{% call live('a') %}<time datetime='x' data-ago>{{ words }}</time>{% endcall %}"
    one, two = rendered(template, "3 s ago"), rendered(template, "4 s ago")
    assert one.fragments["a"].digest == two.fragments["a"].digest
    assert one.html != two.html


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", "\"onload='x'", "&amp;"])
def test_everything_is_escaped(hostile: str) -> None:
    template = '<a title="{{ words }}">{{ words }}</a>{% call live(words) %}{{ words }}{% endcall %}'
    html = rendered(template, hostile).html
    assert "<script" not in html
    assert '"onload' not in html
    assert unescape(html).count(hostile) == 4, "in an attribute, in text, as an id and in a fragment"


def test_a_name_that_is_not_there_is_an_error() -> None:
    with pytest.raises(UndefinedError, match="'word' is undefined"):
        rendered("{{ word }}", "x")


def test_assets_have_the_names_that_were_built() -> None:
    assert rendered("{{ asset('main.js') }}", "").html == "/dashboard/static/main-1.js"
    with pytest.raises(KeyError):
        rendered("{{ asset('other.js') }}", "")


@pytest.mark.parametrize("name", ["../../secrets", "a/b.js", ".stamp", "nothing.js"])
def test_only_built_files_are_served(name: str) -> None:
    assert Assets({}).content(name) is None
