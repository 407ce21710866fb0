"""The errors page, over events as widgets send them."""

from urllib.parse import urlencode

import pytest
from tests.contract.history import Event, store
from tests.contract.telling import LENGTH_MS, starts, told
from tests.support.dashboard import render_page
from tests.support.reading import Read, read

from chatvitals.dashboard.parts import Parts
from chatvitals.errors import BadRequest, NotFound
from chatvitals.store.events.embedded import EmbeddedEngine

WINDOW = str(LENGTH_MS)
HEIGHT = {"type": "TypeError", "fingerprint": "f1", "message": "reading 'height'"}
TYPE, RANGE, HTTP = "TypeError reading 'height'", "RangeError stack size exceeded", "HTTP 503 POST /v1/send"
STACK = {"type": "RangeError", "fingerprint": "f2", "message": "stack size exceeded"}


def page(parts: Parts, site: str, **own: str) -> Read:
    return read(render_page(parts, f"/dashboard/errors?{urlencode({'site': site, 'window': WINDOW, **own})}").html)


def errors(number: int, error: Event, **more: object) -> list[Event]:
    return [told("error", **{"handled": True, **error, **more}) for _ in range(number)]


def earlier(events: list[Event]) -> list[Event]:
    """The same in the window before."""
    return [event | {"timestamp": event["timestamp"] - LENGTH_MS} for event in events]


def test_groups_are_told_with_sessions_handling_and_what_is_new(engine: EmbeddedEngine, parts: Parts) -> None:
    site = store(
        engine,
        [
            *(event for name in ("a", "b", "c", "d") for event in starts(name, "requested")),
            *errors(3, HEIGHT, sessionId="a"),
            *earlier(errors(2, HEIGHT, sessionId="a")),
            *(
                event
                for number in range(5)
                for event in errors(
                    1, STACK, sessionId=f"n{number}", handled=False, release="4.2.0", browser="Safari 26"
                )
            ),
            *(event for name in ("a", "b", "c", "d") for event in earlier(starts(name, "requested"))),
            told("persistence", operation="save", success=False, duration=1, storage="memory", errorType="NoRoom"),
        ],
    )
    seen = page(parts, site)
    assert "9 events in 3 groups, 5 of them unhandled errors; 1 new since the window before." in seen.text
    groups = {row["What"].split(" ")[0]: row for row in seen.tables["What went wrong"].rows}
    assert set(groups) == {"TypeError", "RangeError", "NoRoom"}
    assert groups["TypeError"]["What"] == "TypeError reading 'height'"
    assert groups["NoRoom"]["What"] == "NoRoom save memory"
    assert [groups["TypeError"][name] for name in ("Events", "Before", "Sessions")] == ["3", "2", "1"]
    assert groups["TypeError"]["Of all sessions"] == "25 %"
    assert (groups["TypeError"]["Kind"], groups["NoRoom"]["Kind"]) == ("handled error", "storage")
    assert groups["RangeError"]["Kind"] == "not caught: unhandled error"
    assert (groups["TypeError"]["Releases"], groups["RangeError"]["Releases"]) == ("4.1.0", "new: new in 4.2.0")
    assert groups["RangeError"]["Browsers"] == "Safari 26"


def test_errors_and_operations_can_be_seen_apart_and_sorted(engine: EmbeddedEngine, parts: Parts) -> None:
    failed = told("api", endpoint="/v1/send", method="POST", duration=1, success=False, status=503)
    site = store(engine, [*errors(1, HEIGHT), *errors(2, STACK), failed])
    assert page(parts, site, of="errors").tables["What went wrong"].column("What") == [RANGE, TYPE]
    assert page(parts, site, of="operations").tables["What went wrong"].column("What") == [HTTP]
    by_name = page(parts, site, sort="type").tables["What went wrong"]
    assert by_name.column("What") == [HTTP, RANGE, TYPE]
    assert page(parts, site, page="/elsewhere").tables == {}


def test_a_group_tells_where_it_occurs_and_links_its_sessions(engine: EmbeddedEngine, parts: Parts) -> None:
    site = store(
        engine,
        [
            *starts("a", "requested"),
            *starts("b", "requested", browser="Safari 26"),
            *errors(2, HEIGHT, sessionId="a"),
            *errors(1, HEIGHT, sessionId="b", browser="Safari 26", message="reading 'top'"),
            *errors(1, STACK, sessionId="a"),
        ],
    )
    listed = page(parts, site, of="errors").tables["What went wrong"]
    href = listed.links[TYPE]
    detail = read(render_page(parts, href).html)
    assert "What went wrong" not in detail.tables
    assert "Sessions 2, 100 % of 2 started" in detail.text
    assert detail.tables["Messages"].column("Events") == ["2", "1"]
    browsers = detail.tables["By browser"]
    assert browsers.column("Browser") == ["Chrome 143", "Safari 26"]
    assert browsers.column("Of its sessions") == ["100 %", "100 %"]
    sessions = detail.tables["Sessions"]
    assert sessions.column("Events") == ["2", "1"]
    assert all(link.startswith("/dashboard/sessions/") and "site=" in link for link in sessions.links.values())
    assert "wrong=error" in detail.links["All sessions with a fault of this kind, worst first"]
    assert "of=errors" in detail.links["All errors"]
    safari = read(render_page(parts, browsers.links["Safari 26"]).html)
    assert safari.tables["By browser"].column("Browser") == ["Safari 26"]


def test_failed_connections_lead_to_no_sessions_with_other_faults(engine: EmbeddedEngine, parts: Parts) -> None:
    site = store(engine, [told("connection", success=False, closeCode=1006)])
    listed = page(parts, site).tables["What went wrong"]
    detail = read(render_page(parts, listed.links["close code 1006"]).html)
    assert not any("wrong=" in href for href in detail.links.values())


def test_what_was_not_there_before_is_new_only_where_somebody_was_there_before(
    engine: EmbeddedEngine, parts: Parts
) -> None:
    now = [event for number in range(5) for event in errors(1, HEIGHT, sessionId=f"s{number}")]
    first = page(parts, store(engine, now))
    assert first.tables["What went wrong"].column("Releases") == ["4.1.0"]
    assert first.tables["What went wrong"].column("Before") == ["–"]
    visited = page(parts, store(engine, [*now, *earlier(starts("a", "requested"))]))
    assert visited.tables["What went wrong"].column("Releases") == ["new: new in 4.1.0"]


@pytest.mark.parametrize(("sessions", "visitors_before", "new"), [(4, 1, 0), (5, 1, 1), (5, 2, 0)])
def test_what_chance_may_have_put_into_this_window_is_not_called_new(
    engine: EmbeddedEngine, parts: Parts, sessions: int, visitors_before: int, new: int
) -> None:
    """Of all starts a half, or three of five, came in this window."""
    now = [event for number in range(sessions) for event in errors(1, HEIGHT, sessionId=f"s{number}")]
    visits = [event for number in range(visitors_before) for event in earlier(starts(f"b{number}", "requested"))]
    here = [event for number in range(visitors_before * 2 - 1) for event in starts(f"v{number}", "requested")]
    assert ("1 new" in page(parts, store(engine, [*now, *visits, *here])).text) == bool(new)


def test_without_starts_the_share_of_sessions_is_unknown(engine: EmbeddedEngine, parts: Parts) -> None:
    seen = page(parts, store(engine, errors(1, HEIGHT)))
    assert "measureBoot" in seen.text
    assert seen.tables["What went wrong"].column("Of all sessions") == ["–"]


def test_where_nothing_went_wrong_the_page_says_what_would_tell_of_it(parts: Parts) -> None:
    seen = page(parts, "nowhere")
    assert "measureErrors(vitals" in seen.text
    assert seen.tables == {}


def test_a_group_that_was_not_seen_is_not_found_and_a_wrong_parameter_is_refused(
    engine: EmbeddedEngine, parts: Parts
) -> None:
    site = store(engine, errors(1, HEIGHT))
    with pytest.raises(NotFound, match="not seen in this window"):
        page(parts, site, error="0123456789abcdef")
    with pytest.raises(BadRequest, match="give one of"):
        page(parts, site, of="shoes")


@pytest.mark.parametrize("hostile", ["<img src=x onerror=alert(1)>", "{{ 7 * 7 }}", "'; DROP TABLE events; --"])
def test_what_widgets_send_is_shown_as_text(engine: EmbeddedEngine, parts: Parts, hostile: str) -> None:
    error = {"type": hostile, "fingerprint": "f", "message": hostile}
    site = store(engine, errors(1, error, release=hostile, browser=hostile, customer=hostile))
    html = render_page(parts, f"/dashboard/errors?{urlencode({'site': site, 'window': WINDOW})}").html
    assert "<img src=x" not in html
    listed = read(html).tables["What went wrong"]
    assert listed.column("What") == [f"{hostile} {hostile}"]
    detail = read(render_page(parts, listed.links[f"{hostile} {hostile}"]).html)
    assert hostile in detail.text
    assert detail.tables["By release"].column("Release") == [hostile]
