"""From no site to the first event, as the guide leads there."""

from collections import Counter
from dataclasses import replace

import pytest
from msgspec import structs
from tests.contract.history import Event, store
from tests.contract.telling import WINDOW, told
from tests.support.dashboard import act, render_page
from tests.support.reading import Read, read

from chatvitals.dashboard.parts import Parts
from chatvitals.errors import BadRequest
from chatvitals.ingest.outcomes import OutcomeCounts, outcome_key
from chatvitals.ingest.writer import Content, write_content
from chatvitals.store.events.embedded import EmbeddedEngine

PATH = "/dashboard/setup"
MAKE = "/dashboard/setup/sites"


def page(parts: Parts, query: str = "") -> Read:
    return read(render_page(parts, f"{PATH}?{query}").html)


def key_of(parts: Parts, site: str) -> str:
    (key,) = (key.key for key in parts.sites.all_keys() if key.site == site and key.revoked_ms is None)
    return key


def test_with_no_site_there_is_a_form_and_nothing_else(parts: Parts) -> None:
    found = page(parts)
    assert "Choose a site, or make one" in found.text
    assert "Put it into your widget" not in found.text


def test_a_site_is_made_with_a_key_and_what_to_paste(parts: Parts) -> None:
    done = act(parts, MAKE, {"name": " acme-chat ", "origins": "https://Acme.example null"}, on=PATH)
    assert done.to == f"{PATH}?site=acme-chat"
    key = key_of(parts, "acme-chat")
    found = read(render_page(parts, done.to).html)
    assert f"Write key {key}" in found.text
    assert "https://acme.example, null" in found.text
    assert 'src="http://127.0.0.1:8000/sdk/v1.js"' in found.text
    assert f'key: "{key}"' in found.text
    assert f"chatvitals simulate --url http://127.0.0.1:8000 --key {key}" in found.text
    assert "connect-src http://127.0.0.1:8000" in found.text
    assert "Waiting for the first event" in found.text


def test_the_only_site_needs_no_choice_and_several_do(parts: Parts) -> None:
    act(parts, MAKE, {"name": "one"})
    assert "Put it into your widget" in page(parts).text
    act(parts, MAKE, {"name": "two"})
    found = page(parts)
    assert "Put it into your widget" not in found.text
    assert found.links["two"] == f"{PATH}?site=two"


def test_the_public_address_is_the_one_to_paste(parts: Parts) -> None:
    act(parts, MAKE, {"name": "acme"})
    public = replace(parts, settings=structs.replace(parts.settings, public_url="https://vitals.acme.example"))
    html = render_page(public, PATH).html
    assert "https://vitals.acme.example/api/monitoring/widget" in html
    assert "127.0.0.1" not in html
    assert "data-address" not in html


def test_a_site_that_has_a_key_gets_no_other(parts: Parts) -> None:
    act(parts, MAKE, {"name": "acme"})
    key = key_of(parts, "acme")
    assert "is there already" in act(parts, MAKE, {"name": "acme"}).said
    assert key_of(parts, "acme") == key
    parts.sites.revoke_key(key)
    assert "has no living write key" in page(parts).text
    act(parts, MAKE, {"name": "acme"})
    assert key_of(parts, "acme") != key


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"name": ""},
        {"name": "a b"},
        {"name": "<script>"},
        {"name": "x" * 65},
        {"name": "acme", "origins": "acme.example"},
        {"name": "acme", "origins": "https://acme.example/path"},
        {"name": "acme", "origins": "https://a.example javascript:alert(1)"},
        {"name": "acme", "origins": " ".join(f"https://{number}.example" for number in range(101))},
    ],
)
def test_what_can_not_be_a_site_is_refused_and_nothing_made(parts: Parts, fields: dict[str, str]) -> None:
    with pytest.raises(BadRequest):
        act(parts, MAKE, fields)
    assert parts.sites.all() == []


def test_an_unknown_site_is_refused(parts: Parts) -> None:
    with pytest.raises(BadRequest):
        page(parts, "site=nobody")


def came(ms_ago: int, **more: str) -> Event:
    moment = WINDOW.end_ms - ms_ago
    return told("render", timestamp=moment, came=moment, renderTime=5.0, **more)


def test_the_first_event_is_seen(parts: Parts, engine: EmbeddedEngine) -> None:
    first = came(3_000, browser="Chrome 141", page="/checkout")
    site = store(engine, [came(2_000, browser="Safari 18"), first])
    parts.sites.ensure_site(site)
    parts.sites.add_key(site)
    text = page(parts).text
    assert "First event seen 3 s ago from acme, Chrome 141, on /checkout (render)" in text
    assert "The last one 2 s ago from acme, Safari 18" in text
    assert "2 events in the last hour" in text


def test_a_site_whose_events_came_for_long_has_a_last_one(parts: Parts, engine: EmbeddedEngine) -> None:
    site = store(engine, [came(7_200_000), came(60_000)])
    earlier: OutcomeCounts = Counter({outcome_key(site, WINDOW.end_ms - 7_200_000, "stored"): 1})
    write_content(engine, site, Content(0, set(), [], earlier), WINDOW.start_ms)
    parts.sites.ensure_site(site)
    parts.sites.add_key(site)
    assert "Events come: the last one 1 min ago" in page(parts).text


def test_a_site_that_fell_silent_has_one_of_the_day(parts: Parts, engine: EmbeddedEngine) -> None:
    site = store(engine, [came(9_000_000), came(7_200_000)])
    parts.sites.ensure_site(site)
    parts.sites.add_key(site)
    text = page(parts).text
    assert "Events come: the last one 2 h ago" in text
    assert "2 events in the last 24 hours" in text


def test_what_is_refused_is_said_with_what_to_do(parts: Parts) -> None:
    act(parts, MAKE, {"name": "refused"})
    counts: OutcomeCounts = Counter(
        {
            outcome_key("refused", WINDOW.start_ms, "stored"): 5,
            outcome_key("refused", WINDOW.start_ms, "rejected", "forbidden"): 3,
            outcome_key("", WINDOW.start_ms, "rejected", "unauthorised"): 2,
            outcome_key("another", WINDOW.start_ms, "rejected", "malformed"): 9,
        }
    )
    write_content(parts.source.engine, "setup-refused", Content(0, set(), [], counts), WINDOW.start_ms)
    found = page(parts)
    table = found.tables["What became of received events"]
    assert table.column("Reason") == ["forbidden", "unauthorised"]
    assert "add the origin" in table.rows[0]["What to do"]
