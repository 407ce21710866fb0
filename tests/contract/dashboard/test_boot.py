"""The boot page, over events as widgets and host pages send them."""

from urllib.parse import urlencode

import pytest
from tests.contract.history import store
from tests.contract.telling import starts
from tests.support.dashboard import render_page
from tests.support.reading import Read, read

from chatvitals.dashboard.parts import Parts
from chatvitals.errors import BadRequest
from chatvitals.store.events.embedded import EmbeddedEngine

EVERY = ("requested", "script", "frame", "ready")


def page(parts: Parts, site: str, **own: str) -> Read:
    return read(render_page(parts, f"/dashboard/boot?{urlencode({'site': site, **own})}").html)


def test_the_funnel_says_how_many_came_how_far_and_where_they_were_lost(engine: EmbeddedEngine, parts: Parts) -> None:
    site = store(
        engine,
        [
            *(event for number in range(6) for event in starts(f"whole {number}", *EVERY)),
            *starts("no frame", "requested", "script", "failed", reason="storage"),
            *(event for _ in range(3) for event in starts("", "requested", "failed", reason="blocked")),
        ],
    )
    seen = page(parts, site)
    rows = {row["Stage"]: row for row in seen.tables["How far starts come"].rows}
    assert list(rows) == [
        "requested a page asked for the widget",
        "script its script runs",
        "frame its frame is there",
        "ready the visitor can use it",
    ]
    assert [row["Starts"] for row in rows.values()] == ["10", "7", "6", "6"]
    assert [row["Of all"] for row in rows.values()] == ["100 %", "70 %", "60 %", "60 %"]
    assert [row["Of previous"] for row in rows.values()] == ["", "70 %", "85.71 %", "100 %"]
    assert [row["Lost here"] for row in rows.values()] == ["", "3", "1", "0"]
    assert [row["Time, p95"] for row in rows.values()] == ["", "100 ms", "200 ms", "300 ms"]
    assert "Told by host pages alone 3" in seen.text
    reasons = seen.tables["Why starts failed"]
    assert reasons.column("Reason") == ["blocked", "storage"]
    assert reasons.column("Failed") == ["3", "1"]
    assert reasons.column("Of all starts") == ["30 %", "10 %"]
    assert all(reasons.column("What to do"))


def test_parts_come_worst_first_and_those_with_too_few_starts_last(engine: EmbeddedEngine, parts: Parts) -> None:
    few = parts.settings.min_samples
    site = store(
        engine,
        [
            *(event for _ in range(few) for event in starts("a", *EVERY, browser="Chrome 143")),
            *(event for _ in range(few) for event in starts("b", "requested", "script", browser="Safari 26")),
            *starts("c", "requested", browser="Firefox 146"),
        ],
    )
    table = page(parts, site).tables["Starts by browser"]
    assert table.column("Browser") == ["Safari 26", "Chrome 143", "Firefox 146"]
    assert table.column("To ready") == ["0 %", "100 %", "0 %"]
    assert "browser=Safari+26" in table.links["Safari 26"]
    turned = page(parts, site, sort="starts").tables["Starts by browser"]
    assert turned.column("Browser")[0] == "Firefox 146"
    assert page(parts, site, browser="Safari 26").tables["Starts by browser"].column("Browser") == ["Safari 26"]


def test_starts_can_be_seen_by_customer(engine: EmbeddedEngine, parts: Parts) -> None:
    site = store(engine, [*starts("a", *EVERY, customer="globex"), *starts("", "requested", "failed", customer="")])
    table = page(parts, site, by="customer").tables["Starts by customer"]
    assert sorted(table.column("Customer")) == ["globex", "no customer named"]


def test_where_no_start_was_told_the_page_says_what_tells_of_it(parts: Parts) -> None:
    seen = page(parts, "nowhere")
    assert "No start of a widget was told of" in seen.text
    assert "measureBoot(vitals)" in seen.text
    assert seen.tables == {}


def test_where_no_host_page_tells_the_page_says_that_some_may_be_missing(engine: EmbeddedEngine, parts: Parts) -> None:
    alone = page(parts, store(engine, starts("a", *EVERY))).text
    assert "stub" in alone
    assert "Told by host pages alone –" in alone
    both = [*starts("a", *EVERY), *starts("", "requested", "failed")]
    assert "stub" not in page(parts, store(engine, both)).text


@pytest.mark.parametrize("own", [{"by": "shoe"}, {"sort": "shoe"}])
def test_a_parameter_with_a_value_that_there_is_not_is_refused(
    engine: EmbeddedEngine, parts: Parts, own: dict[str, str]
) -> None:
    site = store(engine, starts("a", *EVERY))
    with pytest.raises(BadRequest, match="give one of"):
        page(parts, site, **own)


def test_a_filter_on_what_host_pages_do_not_know_says_what_it_leaves_out(engine: EmbeddedEngine, parts: Parts) -> None:
    site = store(engine, [*starts("a", *EVERY), *starts("", "requested", "failed", customer="", release="")])
    assert "leave out" not in page(parts, site).text
    assert "leave out" not in page(parts, site, browser="Chrome 143").text
    filtered = page(parts, site, customer="acme", release="4.1.0")
    assert "names no customer and no release: starts whose script never ran are missing here" in filtered.text
    assert "stub" not in filtered.text


def test_figures_that_are_metrics_lead_to_their_course(engine: EmbeddedEngine, parts: Parts) -> None:
    links = page(parts, store(engine, starts("a", *EVERY))).links
    assert "/dashboard/metrics/boot.readyRate?" in links["Starts that became ready"]
    assert "/dashboard/metrics/boot.p95Duration?" in links["Time to ready, p95"]
