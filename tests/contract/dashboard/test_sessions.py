"""The pages of sessions, over events as widgets and the simulated fleet send them."""

import json
from collections import defaultdict
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from tests.contract.history import Event, store
from tests.contract.telling import told
from tests.support.dashboard import render_page, visit_of
from tests.support.fleet import fleet_events
from tests.support.reading import Read, read
from tests.unit.events import NOW_MS

from chatvitals.dashboard.pages.session import EVENTS, session_path
from chatvitals.dashboard.pages.session import LEAF_ROWS as MOMENTS_A_LEAF
from chatvitals.dashboard.pages.sessions import LEAF_ROWS
from chatvitals.dashboard.parts import Parts
from chatvitals.errors import BadRequest, NotFound
from chatvitals.ingest.steps.identity import keyed_hash
from chatvitals.store.events.embedded import EmbeddedEngine

SALT = b"salt" * 8


def hash_of(session: str) -> int:
    return keyed_hash(SALT, session)


def sessions(parts: Parts, site: str, **own: str) -> Read:
    return read(render_page(parts, f"/dashboard/sessions?{urlencode({'site': site, **own})}").html)


def session(parts: Parts, site: str, name: str, **own: str) -> Read:
    path = session_path(hash_of(name))
    return read(render_page(parts, f"{path}?{urlencode({'site': site, **own})}").html)


def lost(session: str, **more: object) -> list[Event]:
    """A session that loses a message after a failed save."""
    return [
        told("message", sessionId=session, stage="acked", ordinal=3, conversationId="c", **more),
        told(
            "persistence",
            sessionId=session,
            timestamp=NOW_MS + 1_000,
            seq=1,
            operation="save",
            success=False,
            duration=2,
            storage="localStorage",
            errorType="QuotaExceededError",
            **more,
        ),
        told(
            "loss",
            sessionId=session,
            timestamp=NOW_MS + 4_000,
            seq=2,
            conversationId="c",
            lost=1,
            firstSeq=3,
            lastSeq=3,
            hop="restore",
            errorType="RolledBack",
            **more,
        ),
    ]


def test_sessions_come_worst_first_with_the_reason_of_what_went_wrong(engine: EmbeddedEngine, parts: Parts) -> None:
    site = store(
        engine,
        [
            told("render", sessionId="quiet", renderTime=5),
            told("error", sessionId="stumbles", type="TypeError"),
            *lost("loses"),
        ],
    )
    table = sessions(parts, site).tables["Sessions, the worst first"]
    assert table.column("Session") == [f"#{hash_of(name):016x}" for name in ("loses", "stumbles", "quiet")]
    assert table.column("What went wrong") == [
        "1 message of 1 conversation lost · an older state was found 1 failed operation · the storage is full",
        "1 error · TypeError",
        "nothing",
    ]
    assert table.rows[0]["Lasted"] == "4 s"
    assert table.rows[0]["Customer"] == "acme"


def test_only_sessions_in_which_something_went_wrong(engine: EmbeddedEngine, parts: Parts) -> None:
    site = store(engine, [told("error", sessionId="stumbles", type="TypeError"), *lost("loses")])
    table = sessions(parts, site, wrong="error").tables["Sessions, the worst first"]
    assert table.column("Session") == [f"#{hash_of('stumbles'):016x}"]
    assert "No session of this window has failed starts" in sessions(parts, site, wrong="boot").text
    with pytest.raises(BadRequest, match="wrong is 'luck'"):
        sessions(parts, site, wrong="luck")


def test_a_session_is_found_by_its_hash_whenever_it_was(engine: EmbeddedEngine, parts: Parts) -> None:
    long_ago = NOW_MS - 20 * 86_400_000
    site = store(engine, [told("render", sessionId="old", timestamp=long_ago, renderTime=5), *lost("loses")])
    hashed = f"#{hash_of('old'):016x}"
    found = sessions(parts, site, q=hashed[:8])
    assert found.tables["Sessions, the worst first"].column("Session") == [hashed]
    assert "1 session in all that is kept" in found.text
    assert "No session has this id" in sessions(parts, site, q="nobody").text
    with pytest.raises(BadRequest, match="4 to 16 digits"):
        sessions(parts, site, q="#12")


def test_a_session_is_found_by_the_id_that_its_widget_knows(engine: EmbeddedEngine, parts: Parts) -> None:
    site, other = store(engine, lost("visit 1")), store(engine, lost("visit 1"))
    knowing = replace(parts, hash_session=lambda text: {site: hash_of(text), other: hash_of(text) ^ 1})
    found = sessions(knowing, site, q="visit 1").tables["Sessions, the worst first"]
    assert found.column("Session") == [f"#{hash_of('visit 1'):016x}"]
    assert "No session has this id" in sessions(knowing, site, q="visit 2").text
    assert "No session has this id" in sessions(knowing, other, q="visit 1").text


def test_many_sessions_are_leafed_through(engine: EmbeddedEngine, parts: Parts) -> None:
    site = store(engine, [told("render", sessionId=f"s{number}", renderTime=5) for number in range(LEAF_ROWS + 7)])
    first, second = sessions(parts, site), sessions(parts, site, leaf="2")
    shown = [leaf.tables["Sessions, the worst first"].column("Session") for leaf in (first, second)]
    assert [len(names) for names in shown] == [LEAF_ROWS, 7]
    assert len({*shown[0], *shown[1]}) == LEAF_ROWS + 7
    assert "1–50 of 57" in first.text
    assert first.links["Next"] == f"/dashboard/sessions?{urlencode({'site': site, 'leaf': 2})}"
    assert second.links["Previous"] == f"/dashboard/sessions?{urlencode({'site': site})}"
    beyond = sessions(parts, site, leaf="3").text
    assert "after the last" in beyond
    assert "There are no more sessions" in beyond
    assert "0 sessions" not in beyond


def test_a_window_that_begins_before_single_events_do_says_so(parts: Parts) -> None:
    def said(window_ms: int) -> bool:
        return (
            "Single events are kept for 30 days"
            in read(render_page(parts, f"/dashboard/sessions?window={window_ms}").html).text
        )

    assert [said(days * 86_400_000) for days in (30, 31)] == [False, True]


def test_another_window_or_filter_begins_at_the_first_leaf(parts: Parts) -> None:
    html = render_page(parts, "/dashboard/sessions?wrong=loss&leaf=2").html
    assert read(html).links["24 h"] == "/dashboard/sessions?window=86400000&wrong=loss"
    assert '<input type="hidden" name="wrong" value="loss">' in html
    assert 'name="leaf"' not in html


def test_a_long_session_is_told_in_runs_or_leaf_by_leaf(engine: EmbeddedEngine, parts: Parts) -> None:
    site = store(
        engine,
        [
            told("render", sessionId="long", seq=seq, timestamp=NOW_MS + 100 * seq, renderTime=5)
            for seq in range(MOMENTS_A_LEAF + 20)
        ],
    )
    runs = session(parts, site, "long")
    assert "520 renders: 5 ms in the middle, 5 ms at most" in runs.text
    assert runs.links["Tell each event by itself"].endswith("&events=each")
    second = session(parts, site, "long", events="each", leaf="2")
    assert second.text.count("A message was painted in 5 ms") == 20
    assert "501–520 of 520 moments" in second.text
    assert second.links["Fold what happens all the time"] == runs.links["Tell each event by itself"].removesuffix(
        "&events=each"
    )


def test_the_page_of_a_session_says_what_was_lost_after_what(engine: EmbeddedEngine, parts: Parts) -> None:
    site = store(engine, lost("loses", page="/checkout", browser="Safari 17"))
    page = session(parts, site, "loses")
    assert (
        "1 message (ordinal 3) was acknowledged by the server and was not found at restore on /checkout, Safari 17,"
        " 3 s after a failed save (the storage is full)."
    ) in page.text
    (ledger,) = page.tables.values()
    assert ledger.rows == [
        {
            "Ordinals": "3",
            "Sent": "–",
            "At the back end": "–",
            "Acknowledged": "yes",
            "Received": "–",
            "On screen": "–",
            "What became of them": "lost: was not found at restore",
        }
    ]
    assert "From here on nothing was kept." in page.text


def test_loads_of_pages_that_had_the_same_conversation_are_told_together(engine: EmbeddedEngine, parts: Parts) -> None:
    """As the SDK tells where the widget names no session."""
    first, second = lost("load 1", tabId="load 1", page="/cart"), lost("load 2", tabId="load 2", page="/checkout")
    changed = told(
        "navigation",
        sessionId="load 2",
        tabId="load 2",
        page="/checkout",
        timestamp=NOW_MS + 3_500,
        preserved=False,
        type="hard",
        **{"from": "/cart"},
    )
    site = store(engine, [*first[:2], changed, second[2]])
    for load in ("load 1", "load 2"):
        page = session(parts, site, load)
        assert "acknowledged by the server and was not found at restore on /checkout" in page.text
        assert "3 s after a failed save (the storage is full)" in page.text
        assert "Told together with 1 other session of the same conversation" in page.text
        assert "Tab 2" not in page.text
    alone = session(parts, site, "load 2", alone="yes")
    assert "1 message (ordinal 3) was not found at restore on /checkout, Chrome 143." in alone.text
    assert alone.links["Tell all 2 sessions together"] == (
        f"{session_path(hash_of('load 2'))}?{urlencode({'site': site})}"
    )


def test_its_events_can_be_taken_along_as_a_file(engine: EmbeddedEngine, parts: Parts) -> None:
    site = store(engine, [*lost("loses"), told("render", sessionId="other", renderTime=5)])
    visit = visit_of(parts, f"/?{urlencode({'site': site})}", {"session": f"{hash_of('loses'):016x}"})
    file = EVENTS.make(visit)
    events = [json.loads(line) for line in file.content.splitlines()]
    assert [event["kind"] for event in events] == ["message", "persistence", "loss"]
    assert {event["sessionId"] for event in events} == {f"#{hash_of('loses'):016x}"}
    assert file.name == f"session-{hash_of('loses'):016x}.ndjson"


def test_a_session_that_is_none_says_so(parts: Parts) -> None:
    nobody = 0xFFFF_FFFF_FFFF_FFFE
    with pytest.raises(NotFound, match="no events of session #fffffffffffffffe"):
        render_page(parts, session_path(nobody))
    with pytest.raises(BadRequest, match="16 digits"):
        render_page(parts, "/dashboard/sessions/nothing")


def test_hostile_text_is_shown_as_text(engine: EmbeddedEngine, parts: Parts) -> None:
    nasty = "<img src=x onerror=alert(1)>"
    site = store(engine, lost("loses", page=nasty, browser=nasty, customer=nasty))
    for url in ("/dashboard/sessions", session_path(hash_of("loses"))):
        html = render_page(parts, f"{url}?{urlencode({'site': site})}").html
        assert "<img" not in html
        assert "&lt;img" in html


def test_what_the_fleets_faults_did_is_what_the_pages_say(engine: EmbeddedEngine, parts: Parts) -> None:
    """The simulator's own account of its losses against the table and each session's page."""
    told_by_fleet = fleet_events(NOW_MS, 4, "loss-quota,share=0.3", "wrong-restore,share=0.2", starts_per_s=0.1)
    site = store(engine, told_by_fleet)
    losses: defaultdict[int, int] = defaultdict(int)
    for event in told_by_fleet:
        if event["kind"] == "loss":
            losses[hash_of(event["sessionId"])] += event["lost"]
    assert losses, "the faults struck nobody"
    table = sessions(parts, site, wrong="loss").tables["Sessions, the worst first"]
    shown = [int(name[1:], 16) for name in table.column("Session")]
    assert set(shown) == set(losses)
    assert [losses[one] for one in shown] == sorted(losses.values(), reverse=True)
    for hashed in losses:
        page = read(render_page(parts, f"{session_path(hashed)}?{urlencode({'site': site})}").html)
        assert "could not be saved" in page.text or "not found at restore" in page.text
