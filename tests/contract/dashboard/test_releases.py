"""Releases side by side, over events as their widgets send them."""

from urllib.parse import urlencode

import pytest
from tests.contract.history import Event, store
from tests.contract.telling import LENGTH_MS, told
from tests.support.dashboard import render_page, visit_of
from tests.unit.events import NOW_MS

from chatvitals.catalogue.dimensions import OVERFLOW
from chatvitals.dashboard.pages.releases import ReleasesContext, build
from chatvitals.dashboard.parts import Parts
from chatvitals.errors import BadRequest
from chatvitals.store.events.embedded import EmbeddedEngine

ENOUGH = 12
RENDER = "Render time, p95"
MINUTE_MS = 60_000


def renders(release: str, time: float, minute: int = 0, sessions: int = 1, number: int = ENOUGH) -> list[Event]:
    return [
        told(
            "render",
            renderTime=time,
            release=release,
            sessionId=f"{release} {place % sessions} {minute}",
            timestamp=NOW_MS + minute * MINUTE_MS,
        )
        for place in range(number)
    ]


def url(site: str, *releases: str, **own: str) -> str:
    named = [("release", release) for release in releases]
    return f"/dashboard/releases?{urlencode([('site', site), ('window', str(LENGTH_MS)), *named, *own.items()])}"


def context(parts: Parts, site: str, *releases: str, **own: str) -> ReleasesContext:
    return build(visit_of(parts, url(site, *releases, **own), {}))


def heads(parts: Parts, site: str, *releases: str) -> list[str]:
    return [head.name for head in context(parts, site, *releases).heads]


@pytest.fixture
def site(engine: EmbeddedEngine) -> str:
    return store(
        engine,
        [
            *renders("1.0", 8, minute=0, sessions=4),
            *renders("1.1", 12, minute=1, sessions=2),
            *renders("1.2", 20, minute=2, sessions=2),
            *renders("1.3", 40, minute=3, sessions=1, number=3),
            *renders(OVERFLOW, 1, minute=4),
            *renders("", 1, minute=4),
        ],
    )


def test_the_newest_are_compared_oldest_first(parts: Parts, site: str) -> None:
    assert heads(parts, site) == ["1.1", "1.2", "1.3"]


def test_the_address_says_which_are_compared_and_with_which_first(parts: Parts, site: str) -> None:
    assert heads(parts, site, "1.2", "1.0") == ["1.2", "1.0"]
    found = context(parts, site, "1.2", "1.0")
    row = next(row for group in found.groups for row in group.rows if row.title == RENDER)
    assert [value.value.said for value in row.values] == ["20 ms", "8 ms"]
    assert row.values[1].difference is not None
    assert (row.values[1].difference.words, row.values[1].difference.better) == ("60 % less than in 1.2", True)


def test_a_release_tells_when_it_was_there_and_its_share(parts: Parts, site: str) -> None:
    first, _ = context(parts, site, "1.0", "1.1").heads
    assert (first.first_ms, first.last_ms) == (NOW_MS, NOW_MS)
    assert (first.sessions, first.share) == ("4 sessions", "36.36 %")
    assert (first.health.text, first.health.word) == ("100", "healthy")


def test_others_can_be_made_the_first_and_taken_out(parts: Parts, site: str) -> None:
    first, second = context(parts, site, "1.0", "1.1").heads
    assert (first.base, first.without.endswith("release=1.1")) == ("", True)
    assert second.base.endswith("release=1.1&release=1.0")
    (alone,) = context(parts, site, "1.0").heads
    assert (alone.base, alone.without) == ("", "")


def test_too_few_samples_say_no_difference_and_that_they_are_too_few(parts: Parts, site: str) -> None:
    found = context(parts, site, "1.0", "1.3")
    row = next(row for group in found.groups for row in group.rows if row.title == RENDER)
    assert (row.values[1].value.grade, row.values[1].difference) == ("unknown", None)
    assert found.hints == (f"1.3 has fewer than 10 samples of: {RENDER}, Slow renders (over 16 ms).",)


def test_shares_of_sessions_are_those_of_each_step(parts: Parts, site: str) -> None:
    adoption = context(parts, site, "1.0", "1.1").adoption
    shares = {
        line.name: {
            (time - NOW_MS) // MINUTE_MS: value
            for time, value in zip(adoption.times, line.values, strict=True)
            if value is not None
        }
        for line in adoption.lines
    }
    assert shares == {"1.0": {0: 100, 1: 0, 2: 0, 3: 0, 4: 0}, "1.1": {0: 0, 1: 100, 2: 0, 3: 0, 4: 0}}


def test_all_releases_are_listed_the_newest_first_with_the_way_into_the_comparison(parts: Parts, site: str) -> None:
    table = context(parts, site, "1.0", "1.1").table
    rows = {row.cells[0].text: row.cells[-1] for row in table.rows}
    assert list(rows)[2:] == ["1.3", "1.2", "1.1", "1.0"]
    assert set(rows) == {"1.0", "1.1", "1.2", "1.3", "no release named", "other releases"}
    assert rows["1.2"].href.endswith("release=1.0&release=1.1&release=1.2")
    assert (rows["1.0"].text, rows["1.0"].href.endswith("release=1.1")) == ("take out", True)
    assert rows["no release named"].href == ""


def test_more_than_four_are_too_many(parts: Parts, site: str) -> None:
    with pytest.raises(BadRequest, match="choose up to 4"):
        context(parts, site, "1", "2", "3", "4", "5")


def test_one_that_was_not_seen_is_unknown(parts: Parts, site: str) -> None:
    _, unseen = context(parts, site, "1.0", "9.9").heads
    assert (unseen.sessions, unseen.first_ms, unseen.health.word) == ("0 sessions", None, "unknown")


def test_where_no_release_was_named_the_page_says_how_to_name_it(engine: EmbeddedEngine, parts: Parts) -> None:
    html = render_page(parts, url(store(engine, renders("", 8)))).html
    assert "No release was seen" in html
    assert "as release" in html


def test_the_page_says_that_it_gives_no_verdict(parts: Parts, site: str) -> None:
    html = render_page(parts, url(site)).html
    assert "nothing here is a verdict" in html
    assert all(f">{release}</span>" in html for release in ("1.1", "1.2", "1.3"))
    assert "data-live" in html


def test_names_of_releases_are_shown_as_text(engine: EmbeddedEngine, parts: Parts) -> None:
    html = render_page(parts, url(store(engine, renders("<img src=x onerror=alert(1)>", 8)))).html
    assert "<img" not in html
    assert "&lt;img src=x" in html
