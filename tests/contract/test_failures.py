"""What goes wrong in widgets, in groups, over events as widgets send them."""

import pytest
from tests.contract.history import store
from tests.contract.telling import LENGTH_MS, WINDOW, about, told
from tests.unit.events import NOW_MS

from chatvitals.query.failures import (
    SOURCES,
    STEPS,
    Failure,
    count_failures,
    count_started,
    describe_failure,
    find_failures,
)
from chatvitals.query.request import Question, Scope
from chatvitals.store.events.embedded import EmbeddedEngine

OLD = {"type": "TypeError", "fingerprint": "f1", "message": "reading 'height'", "handled": False}
NEW = {"type": "TypeError", "fingerprint": "f2", "message": "reading 'width'", "release": "4.2.0"}


def named(failures: list[Failure]) -> dict[tuple[str, str, str], float]:
    return {(failure.kind, failure.type, failure.place): failure.events for failure in failures}


def test_errors_are_told_apart_by_their_fingerprint(engine: EmbeddedEngine) -> None:
    site = store(engine, [told("error", **OLD), told("error", **OLD, sessionId="s2"), told("error", **NEW)])
    first, second = find_failures(engine, about(site))
    assert (first.type, first.fingerprint, first.message) == ("TypeError", "f1", "reading 'height'")
    assert (first.events, first.sessions, first.unhandled, first.handled) == (2, 2, 2, 0)
    assert (second.events, second.sessions, second.handled, second.unhandled) == (1, 1, 0, 0)


def test_operations_that_failed_are_told_apart_by_what_failed_and_why(engine: EmbeddedEngine) -> None:
    full = {"operation": "save", "success": False, "duration": 1, "errorType": "QuotaExceededError"}
    site = store(
        engine,
        [
            told("persistence", storage="localStorage", **full),
            told("persistence", storage="indexedDB", **full),
            told("persistence", operation="save", success=True, duration=1, storage="localStorage"),
            told("restoration", success=False, duration=1, cause="timeout"),
            told("restoration", success=False, duration=1),
            told("api", endpoint="/v1/send", method="POST", duration=1, success=False, status=503),
            told("api", endpoint="/v1/send", duration=1, success=False),
            told("api", endpoint="/v1/send", duration=1, success=True, status=200),
            told("connection", success=False, closeCode=1006),
            told("connection", success=False),
            told("tabSync", latency=1, success=False),
        ],
    )
    assert named(find_failures(engine, about(site))) == {
        ("persistence", "QuotaExceededError", "save localStorage"): 1,
        ("persistence", "QuotaExceededError", "save indexedDB"): 1,
        ("restoration", "timeout", ""): 1,
        ("restoration", "unknown", ""): 1,
        ("api", "HTTP 503", "POST /v1/send"): 1,
        ("api", "no answer", "/v1/send"): 1,
        ("connection", "close code 1006", ""): 1,
        ("connection", "no connection", ""): 1,
        ("tabSync", "not seen in the other tab", ""): 1,
    }
    assert named(find_failures(engine, about(site), ("restoration",))).keys() == {
        ("restoration", "timeout", ""),
        ("restoration", "unknown", ""),
    }


def test_a_group_says_when_it_was_seen_and_in_what(engine: EmbeddedEngine) -> None:
    last = NOW_MS + LENGTH_MS - 1
    site = store(
        engine,
        [
            told("error", **OLD, customer="globex"),
            told("error", **OLD | {"timestamp": last, "message": "reading 'top'"}, release="4.2.0"),
            told("error", **OLD | {"timestamp": last}, release="4.2.0", browser="Safari 26", customer=""),
        ],
    )
    (failure,) = find_failures(engine, about(site))
    assert (failure.first_ms, failure.last_ms, failure.first_release) == (NOW_MS, last, "4.1.0")
    assert (failure.releases, failure.browsers) == (("4.2.0", "4.1.0"), ("Chrome 143", "Safari 26"))
    assert failure.customers == 2
    assert failure.steps == (1, *[0] * (STEPS - 2), 2)


def test_sampled_events_stand_for_others_and_the_most_frequent_come_first(engine: EmbeddedEngine) -> None:
    site = store(engine, [told("error", **OLD)] * 3 + [told("error", **NEW, sample=0.1)])
    assert [failure.events for failure in find_failures(engine, about(site))] == pytest.approx([10, 3])


def test_a_group_has_the_same_name_in_every_window(engine: EmbeddedEngine) -> None:
    site = store(engine, [told("error", **OLD), told("error", **NEW | {"timestamp": NOW_MS + LENGTH_MS - 1})])
    early = about(site, window=WINDOW.previous()).over(WINDOW)
    counts = count_failures(engine, early)
    assert counts == {failure.id: failure.events for failure in find_failures(engine, about(site))}
    assert count_failures(engine, about(site, window=WINDOW.previous())) == {}


def test_a_detail_says_where_a_group_occurs_and_nothing_of_others(engine: EmbeddedEngine) -> None:
    starts = [told("boot", stage="requested", sessionId=name) for name in ("a", "b", "c")]
    site = store(
        engine,
        [
            *starts,
            told("boot", stage="requested", sessionId="d", browser="Safari 26"),
            told("error", **OLD, sessionId="a"),
            told("error", **OLD, sessionId="a"),
            told("error", **OLD | {"message": "other"}, sessionId="d", browser="Safari 26"),
            told("error", **NEW, sessionId="b"),
        ],
    )
    question = about(site)
    failure = find_failures(engine, question)[0]
    detail = describe_failure(engine, question, failure)
    assert [(part.value, part.events, part.sessions, part.started) for part in detail.parts["browser"]] == [
        ("Chrome 143", 2, 1, 3),
        ("Safari 26", 1, 1, 1),
    ]
    assert [session.events for session in detail.sessions] == [2, 1]
    assert {session.browser for session in detail.sessions} == {"Chrome 143", "Safari 26"}
    assert list(detail.messages) == [("reading 'height'", 2), ("other", 1)]
    assert count_started(engine, question) == 4


@pytest.mark.parametrize("filters", [{"release": ("4.2.0",)}, {"release": ("4.2.0", "5.0")}])
def test_filters_hold(engine: EmbeddedEngine, filters: dict[str, tuple[str, ...]]) -> None:
    site = store(engine, [told("error", **OLD), told("error", **NEW)])
    (failure,) = find_failures(engine, about(site, filters))
    assert failure.fingerprint == "f2"
    assert count_failures(engine, about(site, filters)) == {failure.id: 1}


def test_a_scope_is_a_wall(engine: EmbeddedEngine) -> None:
    question = about(store(engine, [told("error", **OLD)]))
    (failure,) = find_failures(engine, question)
    walled = Question(question.window, question.filters, Scope(("another",)))
    assert find_failures(engine, walled) == []
    detail = describe_failure(engine, walled, failure)
    assert (set(detail.parts.values()), detail.sessions, detail.messages) == ({()}, (), ())


def test_an_empty_window_has_no_failures(engine: EmbeddedEngine) -> None:
    assert find_failures(engine, about("nowhere"), SOURCES) == []
