import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from tests.unit.simulator.collector import Collector, Received, Reply, accept, collecting
from tests.unit.simulator.world import START_MS

from chatvitals.catalogue.kinds import KINDS
from chatvitals.simulator import backfill
from chatvitals.simulator.faults.plan import FaultPlanError, parse_fault
from chatvitals.simulator.sender import HopelessError
from chatvitals.simulator.simulate import Progress, SimulationOptions, simulate
from chatvitals.simulator.truth.reader import count_by_kind, load_truth

HOUR_MS = 3_600_000
BEGAN_S = time.monotonic()


def clock() -> float:
    """A time that goes on, always from about the same moment: what is drawn depends on the hour."""
    return START_MS + (time.monotonic() - BEGAN_S) * 1_000


def collected(collector: Collector) -> list[dict[str, Any]]:
    """Every event that came, flat."""
    events: list[dict[str, Any]] = []
    for received in collector.requests:
        if received.path.startswith("/api/monitoring/import"):
            events += received.lines()
        else:
            batch = received.batch()
            head = {"sample": batch["sample"], **batch["context"]}
            events += [head | event for event in batch["events"]]
    return events


def written(path: Path) -> list[dict[str, Any]]:
    beside = ("site", "batch")
    return [{n: v for n, v in event.items() if n not in beside} for event in load_truth(path).events]


def in_order(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(events, key=lambda event: (event["tabId"], event["seq"]))


def with_collector(
    run: Callable[[Collector], Awaitable[None]], answer: Callable[[Received], Reply] = accept
) -> Collector:
    async def go() -> Collector:
        async with collecting(answer) as collector:
            await run(collector)
        return collector

    return asyncio.run(go())


def test_the_truth_of_live_traffic_is_what_the_server_got(tmp_path: Path) -> None:
    path, seen = tmp_path / "truth", list[Progress]()

    async def run(collector: Collector) -> None:
        options = SimulationOptions(
            url=collector.url, rate=500, minutes=0.01, truth=path, faults=(parse_fault("jank,share=0.5"),)
        )
        summary = await simulate(options, clock=clock, progress=seen.append)
        assert summary.events == pytest.approx(300, rel=0.5)

    collector = with_collector(run)
    truth = load_truth(path)
    assert in_order(written(path)) == in_order(collected(collector))
    assert truth.start
    assert truth.summary
    assert truth.summary.kinds == count_by_kind(truth.events)
    assert [(line.fault, line.share, line.until_ms) for line in truth.faults] == [("jank", 0.5, None)]
    assert truth.faults[0].from_ms == truth.start.start_ms
    assert {progress.phase for progress in seen} == {"live"}
    assert seen[-1].done == 1


def test_a_backfill_is_imported_in_the_order_of_time_and_followed_by_live_traffic(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "truth"
    monkeypatch.setattr(backfill, "CHUNK_EVENTS", 1_000)

    async def run(collector: Collector) -> None:
        options = SimulationOptions(
            url=collector.url, rate=6, minutes=0.005, backfill_hours=0.25, truth=path, sample=0.5, compress=True
        )
        await simulate(options, clock=clock)

    collector = with_collector(run)
    paths = [received.path for received in collector.requests]
    assert paths[:2] == ["/api/monitoring/import?site=demo"] * 2
    assert collector.requests[0].headers["content-type"] == "application/x-ndjson"
    events = collected(collector)
    assert in_order(written(path)) == in_order(events)
    assert len(events) == pytest.approx(6 * 900, rel=0.6)  # the rate is that of a day's mean
    firsts = [received.lines()[0]["timestamp"] for received in collector.requests if "import" in received.path]
    assert firsts == sorted(firsts)
    assert clock() - firsts[0] == pytest.approx(HOUR_MS / 4, abs=20_000)
    tabs = Counter(event["tabId"] for event in events)
    assert all(max(e["seq"] for e in events if e["tabId"] == tab) + 1 == tabs[tab] for tab in list(tabs)[:50])


def test_a_backfill_alone_ends_where_the_present_began(tmp_path: Path) -> None:
    path, seen = tmp_path / "truth", list[Progress]()

    async def run(collector: Collector) -> None:
        options = SimulationOptions(
            url=collector.url, rate=5, minutes=0, backfill_hours=0.2, truth=path,
            faults=(parse_fault("skewed-clocks,at=-1h"), parse_fault("slow-render,at=-6m,for=3m")),
        )  # fmt: skip
        await simulate(options, clock=clock, progress=seen.append)

    collector = with_collector(run)
    truth = load_truth(path)
    assert truth.start
    start_ms = truth.start.start_ms
    assert max(event["timestamp"] for event in collected(collector)) <= start_ms
    slow = [e["timestamp"] - start_ms for e in truth.events if e["kind"] == "render" and e["renderTime"] > 20]
    assert slow
    assert -360_000 <= min(slow) <= max(slow) < -180_000
    assert {event["kind"] for event in truth.events} >= KINDS.keys() - {"loss", "error"}
    assert seen[-1].phase == "backfill"
    assert seen[-1].done == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("cancel", [True, False])
def test_a_run_that_is_ended_has_its_summary(tmp_path: Path, cancel: bool) -> None:
    path = tmp_path / "truth"

    async def run(collector: Collector) -> None:
        stop = asyncio.Event()
        options = SimulationOptions(url=collector.url, rate=500, truth=path)
        running = asyncio.create_task(simulate(options, clock=clock, stop=stop))
        await collector.reached(20)
        if cancel:
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running
        else:
            stop.set()
            assert (await running).unknown == 0

    collector = with_collector(run)
    truth = load_truth(path)
    assert truth.summary
    assert truth.summary.events == len(truth.events) >= 20
    assert truth.summary.unknown == len(truth.unknown)
    assert len(truth.events) + len(truth.unknown) >= len(collected(collector))


def test_an_import_that_is_refused_ends_the_run(tmp_path: Path) -> None:
    async def run(collector: Collector) -> None:
        options = SimulationOptions(url=collector.url, rate=1, minutes=0, backfill_hours=0.1, truth=tmp_path / "truth")
        with pytest.raises(HopelessError, match=r"400.*no such site"):
            await simulate(options, clock=clock)

    with_collector(run, lambda _: (400, {}, b"no such site"))
    assert load_truth(tmp_path / "truth").summary is not None


def test_rejected_lines_of_an_import_are_not_in_the_truth(tmp_path: Path) -> None:
    def reject_third(_: Received) -> Reply:
        body = b'{"accepted":1,"duplicates":0,"rejected":[{"index":2,"field":"timestamp","reason":"too_old"}]}'
        return 202, {}, body

    async def run(collector: Collector) -> None:
        options = SimulationOptions(url=collector.url, rate=1, minutes=0, backfill_hours=0.1, truth=tmp_path / "truth")
        await simulate(options, clock=clock)

    (request,) = with_collector(run, reject_third).requests
    lines = request.lines()
    assert written(tmp_path / "truth") == lines[:2] + lines[3:]


def test_a_fault_on_a_value_that_nobody_has_is_refused() -> None:
    with pytest.raises(FaultPlanError, match="no customer 'nobody'"):
        asyncio.run(simulate(SimulationOptions(faults=(parse_fault("jank,customer=nobody"),)), clock=lambda: 0))


@pytest.mark.parametrize("url", ["http://example.com", "http://10.0.0.1:8000", "http://127.0.0.1.example.com"])
def test_other_machines_are_spared(url: str) -> None:
    with pytest.raises(ValueError, match="is not this machine"):
        SimulationOptions(url=url)
    assert SimulationOptions(url=url, allow_remote=True).url == url


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://localhost", "http://[::1]:80/prefix/"])
def test_this_machine_has_several_names(url: str) -> None:
    assert SimulationOptions(url=url).url == url


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "127.0.0.1:8000"},
        {"rate": 0},
        {"customers": 0},
        {"connections": 0},
        {"minutes": -1},
        {"backfill_hours": -1},
        {"sample": 0},
        {"sample": 1.5},
    ],
)
def test_what_cannot_be_simulated_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        SimulationOptions(**wrong)
