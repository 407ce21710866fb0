"""The storage page, over events as widgets send them."""

from urllib.parse import urlencode

from tests.contract.history import Event, store
from tests.contract.telling import told
from tests.support.dashboard import render_page
from tests.support.reading import Read, read

from chatvitals.dashboard.parts import Parts
from chatvitals.store.events.embedded import EmbeddedEngine


def page(parts: Parts, site: str, **own: str) -> Read:
    return read(render_page(parts, f"/dashboard/storage?{urlencode({'site': site, **own})}").html)


def probes(number: int, **more: object) -> list[Event]:
    return [told("storage", **{"available": True, "policy": "persist", **more}) for _ in range(number)]


def saves(number: int, **more: object) -> list[Event]:
    fields = {"operation": "save", "success": True, "duration": 20, "storage": "indexedDB", **more}
    return [told("persistence", **fields) for _ in range(number)]


def test_the_census_says_which_browsers_store_and_why_others_do_not(engine: EmbeddedEngine, parts: Parts) -> None:
    site = store(
        engine,
        [
            *probes(30, persisted=True, usage=900, quota=1_000),
            *probes(10, browser="Safari 26", persisted=False),
            *probes(10, browser="Safari 26", available=False, reason="SecurityError"),
        ],
    )
    seen = page(parts, site)
    assert "Browsers that can store 80 % of 50 starts" in seen.text
    census = seen.tables["Census by browser"]
    assert census.column("Browser") == ["Safari 26", "Chrome 143"]
    assert census.column("Can store") == ["50 %", "100 %"]
    assert census.column("Persisted") == ["0 %", "100 %"]
    assert census.column("Quota, median") == ["–", "1 kB"]
    assert census.column("Over 80 % full") == ["–", "100 %"]
    refusals = seen.tables["Why browsers can't store"]
    assert (refusals.column("Reason"), refusals.column("Of all")) == (["SecurityError"], ["20 %"])
    assert "Storage Access API" in refusals.column("What to do")[0]
    assert seen.tables["Declared policy"].column("Starts") == ["50"]
    assert seen.tables["Room"].column("Told by")[0] == "30 starts, 60 % of all"


def test_operations_are_told_by_area_browser_operation_and_error(engine: EmbeddedEngine, parts: Parts) -> None:
    full = {"success": False, "errorType": "QuotaExceededError", "duration": 5}
    site = store(
        engine,
        [
            *saves(90),
            *saves(10, **full),
            *saves(40, browser="Safari 26", storage="localStorage", operation="restore", quotaUsed=0.9),
        ],
    )
    seen = page(parts, site)
    assert "Operations that succeed 92.86 % of 140 operations, 10 failures bad" in seen.text
    areas = seen.tables["Operations by storage area"]
    assert areas.column("Area") == ["localStorage", "indexedDB"]
    assert areas.column("Success") == ["100 %", "bad: 90 %"]
    assert areas.column("Over 80 % of quota") == ["100 %", "–"]
    browsers = seen.tables["Success by browser and area"]
    assert browsers.rows == [
        {"Browser": "Chrome 143", "localStorage": "–", "indexedDB": "bad: 90 %"},
        {"Browser": "Safari 26", "localStorage": "100 %", "indexedDB": "–"},
    ]
    assert seen.tables["Success by operation and area"].column("Operation") == ["save", "restore"]
    errors = seen.tables["Failed operations by error"]
    assert errors.rows == [
        {"Error": "QuotaExceededError", "Area": "indexedDB", "Failed": "10", "Of the area's": "10 %"}
    ]


def test_each_half_says_what_would_tell_of_it(engine: EmbeddedEngine, parts: Parts) -> None:
    nothing = page(parts, "nowhere")
    assert "probeStorage(vitals)" in nothing.text
    assert "measureStorage(vitals" in nothing.text
    assert nothing.tables == {}
    census = page(parts, store(engine, probes(1)))
    assert "probeStorage" not in census.text
    assert "measureStorage" in census.text
    work = page(parts, store(engine, saves(1)))
    assert "probeStorage" in work.text
    assert "measureStorage" not in work.text


def test_the_census_can_be_sorted_filtered_and_seen_by_another_dimension(engine: EmbeddedEngine, parts: Parts) -> None:
    site = store(engine, [*probes(3, os="macOS"), *probes(20, customer="globex")])
    assert page(parts, site, by="os", sort="-starts").tables["Census by system"].column("System") == [
        "Windows",
        "macOS",
    ]
    filtered = page(parts, site, by="os", customer="globex").tables["Census by system"]
    assert filtered.column("System") == ["Windows"]
    assert "by=os" in page(parts, site, by="os").links["Starts"]


def test_what_too_few_starts_tell_comes_last_and_says_so(engine: EmbeddedEngine, parts: Parts) -> None:
    unlucky = probes(1, browser="Firefox 146", available=False, reason="SecurityError")
    site = store(engine, [*unlucky, *probes(parts.settings.min_samples)])
    html = render_page(parts, f"/dashboard/storage?{urlencode({'site': site})}").html
    assert read(html).tables["Census by browser"].column("Browser") == ["Chrome 143", "Firefox 146"]
    assert "0 %, of only 1 sample" in html


def test_operations_without_an_area_are_told_as_well(engine: EmbeddedEngine, parts: Parts) -> None:
    site = store(engine, [*saves(2), told("persistence", operation="save", success=True, duration=1)])
    assert page(parts, site).tables["Operations by storage area"].column("Area") == ["indexedDB", "not told"]


def test_what_widgets_send_is_shown_as_text(engine: EmbeddedEngine, parts: Parts) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    events = [
        *probes(1, available=False, reason=hostile, browser=hostile),
        *saves(1, success=False, errorType=hostile, browser=hostile),
    ]
    rendered = render_page(parts, f"/dashboard/storage?{urlencode({'site': store(engine, events)})}").html
    assert "<img" not in rendered
    seen = read(rendered)
    assert seen.tables["Why browsers can't store"].column("Reason") == [hostile]
    assert seen.tables["Census by browser"].column("Browser") == [hostile]
    assert seen.tables["Failed operations by error"].column("Error") == [hostile]
