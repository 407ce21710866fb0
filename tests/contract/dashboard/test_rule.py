"""The editor of a rule: its form, mistakes beside the fields, and how often it would have fired."""

from dataclasses import replace
from urllib.parse import urlencode

import pytest
from tests.contract.history import store
from tests.contract.telling import WINDOW, told
from tests.support.dashboard import render_page
from tests.support.reading import Read, read
from tests.support.rule_forms import filled_in

from chatvitals.alerting.backtest.previews import Previews
from chatvitals.alerting.rules.defaults import default_rules
from chatvitals.dashboard.parts import Parts
from chatvitals.errors import NotFound
from chatvitals.store.events.embedded import EmbeddedEngine

SLOW = default_rules()["slow-renders"]
PATH = "/dashboard/rules/slow-renders"
HOUR_MS = 3_600_000


@pytest.fixture
def parts(parts: Parts) -> Parts:
    """Of a dashboard on which nobody is impatient."""
    parts.book.look()
    return replace(parts, previews=Previews(lambda: 0.0))


def address(over: str = "24h", **changes: str) -> str:
    """The editor with a rule being edited in it."""
    return f"{PATH}?{urlencode({**filled_in(SLOW, **changes), 'over': over})}"


def page(parts: Parts, url: str = PATH) -> Read:
    return read(render_page(parts, url).html)


def slow_for(engine: EmbeddedEngine, minutes: range) -> str:
    """A site whose renders were slow in these minutes, counted back from the end of the last five minutes."""
    end_ms = WINDOW.end_ms // 300_000 * 300_000
    renders = [
        told(
            "render",
            renderTime=40.0 if minute in minutes else 5.0,
            contentLength=10,
            messageCount=3,
            timestamp=end_ms - minute * 60_000 - 30_000,
            sessionId=f"s{number}",
        )
        for minute in range(30)
        for number in range(30)
    ]
    return store(engine, renders)


def test_the_form_has_the_rule(parts: Parts) -> None:
    html = render_page(parts, PATH).html
    assert 'name="rule.level.warning" value="16"' in html
    assert '<option value="performance.renders.p95Time" selected>' in html
    assert 'name="rule.condition" value="above" checked' in html
    assert 'method="post" action="/dashboard/rules/slow-renders/save"' in html


def test_the_same_rule_as_yaml(parts: Parts) -> None:
    html = render_page(parts, f"{PATH}?as=yaml").html
    assert "name: slow-renders\ntitle: Slow Message Renders\ncategory: performance\n" in html
    assert 'name="rule.window"' not in html


def test_mistakes_stand_beside_their_fields(parts: Parts) -> None:
    html = render_page(parts, address(level__critical="3", by="custmer")).html
    assert '<p class="field-error" id="mistake-level-critical">is graver than warning' in html
    assert '<p class="field-error" id="mistake-by">there is no dimension' in html
    assert 'value="custmer"' in html
    assert "Once the rule has no mistakes" in read(html).text


def test_mistakes_of_yaml_have_their_lines(parts: Parts) -> None:
    query = urlencode({"as": "yaml", "rule.yaml": "name: slow-renders\nmetric: nothing\n"})
    text = page(parts, f"{PATH}?{query}").text
    assert "line 2: metric: there is no metric" in text
    assert "line 1: the field 'category' is missing" in text


def test_it_shows_how_often_the_rule_would_have_fired(engine: EmbeddedEngine, parts: Parts) -> None:
    site = slow_for(engine, range(10, 16))
    here = f"site={site}"
    seen = page(parts, address(filters=here, keepFiringFor="0s"))
    assert "It would have fired once in the last 1 d, for" in seen.text
    assert seen.text.count("▲ warning") == 1
    assert f"The last episodes ▲ warning {site} " in seen.text
    assert "at worst 40ms, threshold 16ms" in seen.text
    assert (
        "It would not have fired in the last 1 d."
        in page(parts, address(filters=here, level__warning="50", recovery="")).text
    )


def test_a_longer_time_is_tried_less_often(engine: EmbeddedEngine, parts: Parts) -> None:
    site = slow_for(engine, range(10, 16))
    text = page(parts, address(over="7d", filters=f"site={site}")).text
    assert "in the last 7 d" in text
    assert "Evaluated every 3m here; live it is every 1m." in text


def test_a_slow_preview_says_how_far_it_is(parts: Parts) -> None:
    seconds = iter(range(10_000))
    slow = replace(parts, previews=Previews(lambda: float(next(seconds))))
    html = render_page(slow, PATH).html
    assert "Trying it on the past: 0 %" in read(html).text
    looks = [html]
    while "Trying it on the past" in looks[-1]:
        looks.append(render_page(slow, PATH).html)
    assert len(set(looks)) == len(looks)  # so that no look is taken for the one before
    assert "fired" in read(looks[-1]).text
    assert "in the last 1 d" in read(looks[-1]).text


def test_what_would_be_too_much_is_tried_over_less(parts: Parts) -> None:
    text = page(parts, address(over="7d", filters="site=nobody", window="10s", every="10s")).text
    assert "It would not have fired in the last 5 d 18 h." in text


def test_a_new_rule_may_be_like_another(parts: Parts) -> None:
    html = render_page(parts, "/dashboard/new-rule?like=slow-renders").html
    assert 'name="rule.name" value="slow-renders-2"' in html
    assert 'method="post" action="/dashboard/new-rule"' in html
    assert 'name="rule.name" value=""' in render_page(parts, "/dashboard/new-rule").html
    for path in ("/dashboard/new-rule?like=none", "/dashboard/rules/none"):
        with pytest.raises(NotFound, match="there is no rule 'none'"):
            render_page(parts, path)


def test_hostile_texts_are_shown_as_text(parts: Parts) -> None:
    evil = "</textarea><script>alert(1)</script>"
    for url in (
        address(title=evil, labels=evil, filters=evil),
        f"{PATH}?{urlencode({'as': 'yaml', 'rule.yaml': evil})}",
    ):
        assert "<script>alert" not in render_page(parts, url).html


def test_what_was_edited_goes_along_from_the_form_to_yaml_and_back(parts: Parts) -> None:
    as_yaml = render_page(parts, f"{address(title='Slower')}&as=yaml").html
    assert "title: Slower" in as_yaml
    query = urlencode({"rule.yaml": "name: slow-renders\nenabled: false\n"})
    assert 'name="rule.enabled" value="on">' in render_page(parts, f"{PATH}?{query}").html  # not checked


def test_what_has_mistakes_stays_as_it_was_written(parts: Parts) -> None:
    assert 'name="rule.window" value="soon"' in render_page(parts, f"{address(window='soon')}&as=yaml").html
    query = urlencode({"rule.yaml": "name: [slow"})
    assert ">name: [slow</textarea>" in render_page(parts, f"{PATH}?{query}").html
