"""What browsers let the widget store, over events as widgets send them."""

import pytest
from tests.contract.history import store
from tests.contract.telling import about, told

from chatvitals.query.storage import (
    CAN_STORE,
    CANNOT_STORE,
    FAILED,
    FILLED,
    FILLED_NEAR_LIMIT,
    OPERATIONS,
    PERSISTED,
    PERSISTENCE_KNOWN,
    PROBES,
    QUOTA,
    QUOTA_NEARLY_USED,
    QUOTA_USED,
    SUCCEEDED,
    USAGE,
    measure_work,
    take_census,
)
from chatvitals.store.events.embedded import EmbeddedEngine

SAFARI = {"browser": "Safari 26", "sessionId": "safari"}


def test_a_census_counts_what_each_browser_allows(engine: EmbeddedEngine) -> None:
    site = store(
        engine,
        [
            told("storage", available=True, persisted=True, policy="persist", usage=20, quota=100),
            told("storage", available=True, persisted=False, policy="persist", usage=90, quota=100),
            told("storage", available=True, policy="session", **SAFARI),
            told("storage", available=False, policy="session", reason="SecurityError", **SAFARI),
        ],
    )
    census = take_census(engine, about(site), "browser")
    assert census.whole.share(CAN_STORE, PROBES) == 75
    assert census.whole.share(PERSISTED, PERSISTENCE_KNOWN) == 50
    assert census.whole.count(FILLED_NEAR_LIMIT) == 1
    assert census.parts["Safari 26",].share(CAN_STORE, PROBES) == 50
    assert census.parts["Safari 26",].share(PERSISTED, PERSISTENCE_KNOWN) is None
    assert {key: part.count(PROBES) for key, part in census.policies.items()} == {("persist",): 2, ("session",): 2}
    assert {key: part.count(CANNOT_STORE) for key, part in census.refusals.items()} == {("SecurityError",): 1}


def test_room_that_was_not_told_is_not_zero(engine: EmbeddedEngine) -> None:
    site = store(
        engine,
        [told("storage", available=True, usage=usage, quota=1_000) for usage in (100, 200, 300)]
        + [told("storage", available=True)] * 5,
    )
    census = take_census(engine, about(site), "browser").whole
    assert [census.quantile(USAGE, name) for name in ("p50", "p95")] == [200, 290]
    assert census.quantile(QUOTA, "p50") == 1_000
    assert census.quantile(FILLED, "p50") == pytest.approx(20)
    assert (census[FILLED].n, census[PROBES].n) == (3, 8)


def test_work_is_counted_by_area_operation_browser_and_error(engine: EmbeddedEngine) -> None:
    full = {"success": False, "errorType": "QuotaExceededError", "quotaUsed": 0.95}
    site = store(
        engine,
        [
            told("persistence", operation="save", success=True, duration=10, storage="indexedDB", quotaUsed=0.25),
            told("persistence", operation="restore", success=True, duration=30, storage="indexedDB"),
            told("persistence", operation="save", duration=50, storage="localStorage", **full, **SAFARI),
        ],
    )
    work = measure_work(engine, about(site))
    assert (work.whole.count(OPERATIONS), work.whole.count(SUCCEEDED)) == (3, 2)
    assert work.areas["indexedDB",].quantile(OPERATIONS, "p50") == 20
    assert work.areas["localStorage",].share(SUCCEEDED, OPERATIONS) == 0
    assert work.operations.keys() == {("indexedDB", "save"), ("indexedDB", "restore"), ("localStorage", "save")}
    assert work.browsers["Safari 26", "localStorage"].count(FAILED) == 1
    assert {key: part.count(FAILED) for key, part in work.errors.items()} == {("localStorage", "QuotaExceededError"): 1}
    assert work.whole.quantile(QUOTA_USED, "p50") == pytest.approx(60)
    assert work.whole.count(QUOTA_NEARLY_USED) == 1
    safari = measure_work(engine, about(site, {"browser": ("Safari 26",)}))
    assert safari.areas.keys() == {("localStorage",)}


def test_sampled_probes_and_operations_stand_for_others(engine: EmbeddedEngine) -> None:
    site = store(
        engine,
        [
            told("storage", available=False, reason="SecurityError", sample=0.1),
            told("storage", available=True),
            told("persistence", operation="save", success=False, duration=100, storage="memory", sample=0.1),
            told("persistence", operation="save", success=True, duration=1, storage="memory"),
        ],
    )
    census = take_census(engine, about(site), "customer")
    assert census.whole.share(CANNOT_STORE, PROBES) == pytest.approx(100 * 10 / 11)
    work = measure_work(engine, about(site))
    assert work.whole.count(FAILED) == pytest.approx(10)
    assert work.areas["memory",].quantile(OPERATIONS, "p50") == pytest.approx(100)
