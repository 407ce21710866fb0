"""The start-up funnel over events as widgets and host pages send them."""

import pytest
from tests.contract.history import store
from tests.contract.telling import about, starts

from chatvitals.query.boot import FAILED, READY_TIME, STAGES, count_starts, funnel_of, starts_by
from chatvitals.query.request import Question, Scope
from chatvitals.store.events.embedded import EmbeddedEngine


def test_each_stage_counts_the_starts_that_came_so_far(engine: EmbeddedEngine) -> None:
    events = [
        *starts("a", "requested", "script", "frame", "ready"),
        *starts("b", "requested", "script", "frame"),
        *starts("c", "requested", "script", "failed", reason="storage"),
        *starts("", "requested", "failed", reason="blocked"),
    ]
    found = count_starts(engine, about(store(engine, events)))
    assert list(found.funnel.reached) == [4, 3, 2, 1]
    assert [found.funnel.failed, found.funnel.silent, found.funnel.ready_share] == [2, 1, 25]
    assert {name: reason.count(FAILED) for name, reason in found.reasons.items()} == {"storage": 1, "blocked": 1}


def test_a_stage_that_a_widget_has_not_was_passed_by_those_who_came_further(engine: EmbeddedEngine) -> None:
    events = [*starts("a", "requested", "script", "ready"), *starts("b", "requested", "script", "frame", "ready")]
    found = count_starts(engine, about(store(engine, events)))
    assert list(found.funnel.told) == [2, 2, 1, 2]
    assert list(found.funnel.reached) == [2, 2, 2, 2]


def test_a_session_starts_as_often_as_it_starts(engine: EmbeddedEngine) -> None:
    events = starts("a", *STAGES) + starts("a", *STAGES) + starts("b", "requested")
    found = count_starts(engine, about(store(engine, events)))
    assert list(found.funnel.reached) == [3, 2, 2, 2]
    assert found.stages["requested"].sessions == 2


def test_host_pages_tell_of_starts_that_no_widget_tells_of(engine: EmbeddedEngine) -> None:
    events = starts("", "requested", "failed", customer="", release="") * 3 + starts("a", *STAGES)
    found = count_starts(engine, about(store(engine, events)))
    assert found.told_by_host == 3
    assert found.reasons.keys() == {""}


def test_sampled_starts_stand_for_others(engine: EmbeddedEngine) -> None:
    events = starts("a", *STAGES, sample=0.1) + starts("b", "requested", "script")
    funnel = count_starts(engine, about(store(engine, events))).funnel
    assert funnel.reached == pytest.approx((11, 11, 10, 10))


def test_a_part_is_the_funnel_of_its_own_starts(engine: EmbeddedEngine) -> None:
    events = starts("a", *STAGES, browser="Safari 26") + starts("b", "requested", browser="Firefox 146")
    site = store(engine, events)
    parts = starts_by(engine, about(site), "browser")
    assert list(funnel_of(parts["Safari 26",]).reached) == [1, 1, 1, 1]
    assert list(funnel_of(parts["Firefox 146",]).reached) == [1, 0, 0, 0]
    assert parts["Safari 26",].quantile(READY_TIME, "p95") == 300
    assert parts["Firefox 146",].quantile(READY_TIME, "p95") is None
    assert list(count_starts(engine, about(site, {"browser": ("Firefox 146",)})).funnel.reached) == [1, 0, 0, 0]


def test_no_start_is_no_share(engine: EmbeddedEngine) -> None:
    found = count_starts(engine, about("nowhere"))
    assert list(found.funnel.reached) == [0, 0, 0, 0]
    assert found.funnel.ready_share is None


def test_a_scope_is_a_wall(engine: EmbeddedEngine) -> None:
    question = about(store(engine, starts("a", *STAGES)))
    walled = Question(question.window, question.filters, Scope(("another",)))
    assert list(count_starts(engine, walled).funnel.reached) == [0, 0, 0, 0]
    assert starts_by(engine, walled, "browser") == {}
