"""The shipped rules over a simulated fleet and the whole program: a fault is told within an interval, health never."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.support.collector import Collector
from tests.support.on_call import OnCall, configure
from tests.support.server import Json, Server, clean_environment, key_of, make_sites, now_ms

SITE = "broken"
INTERVAL_MS = 60_000
GRACE_MS = 3_000
PATIENCE_S = 150.0
FAULTS = (
    "loss-quota,share=0.3", "wrong-restore,share=0.3", "slow-render", "memory-leak", "jank", "tab-sync-failing",
    "api-errors", "slow-api",
)  # fmt: skip
AT_ONCE = ("data-loss", "wrong-identity")
BY_THE_MINUTE = (
    "persistence-failing", "slow-renders", "high-memory", "slow-scrolling", "scroll-jank", "tab-sync-failing",
    "api-failing", "slow-api",
)  # fmt: skip


@contextmanager
def simulating(server: Server, site: str, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """A fleet that sends its traffic until it is left."""
    command = [sys.executable, "-m", "chatvitals", "simulate", "--url", server.url, "--key", key_of(site)]
    fleet = subprocess.Popen([*command, "--site", site, "--quiet", *words], env=clean_environment())
    try:
        yield fleet
    finally:
        fleet.terminate()
        fleet.wait()


def backtest(server: Server, site: str, rule: str, start_ms: int, every: str) -> Json:
    """What a rule would have done on a site from `start_ms` to now."""
    form = server.get(f"/api/monitoring/rules/{rule}")["rule"]
    body = {"rule": form | {"filters": {"site": [site]}}, "from": start_ms, "to": now_ms(), "every": every}
    answer = server.client.post("/api/monitoring/rules/backtest", json=body, timeout=240)
    assert answer.status_code == 200, answer.text
    (done,) = answer.json()["rules"]
    found: Json = done
    return found


@pytest.fixture
def on_call() -> Iterator[OnCall]:
    with Collector() as hook:
        yield OnCall(hook)


@pytest.fixture
def server(tmp_path: Path, on_call: OnCall) -> Iterator[Server]:
    configure(tmp_path / "files", [on_call.channel()])
    data = tmp_path / "data"
    make_sites(data, [SITE])
    with Server(data, alerting=tmp_path / "files", outgoing_allowed=on_call.allowed) as started:
        yield started


@pytest.mark.slow
@pytest.mark.alone
def test_every_fault_is_told_within_an_interval(server: Server, on_call: OnCall) -> None:
    """Of an alert that was bad for the first time at some second, its notification comes at most an interval later.

    When that was is what a backtest finds that evaluates every second.
    """
    began_ms = now_ms()
    faults = [word for fault in FAULTS for word in ("--fault", fault)]
    with simulating(server, SITE, "--rate", "250", *faults):
        came_ms = {
            rule: on_call.wait(rule, SITE, "opened", patience_s=PATIENCE_S).at_ms for rule in (*AT_ONCE, *BY_THE_MINUTE)
        }
    for rule in BY_THE_MINUTE:
        first = backtest(server, SITE, rule, began_ms, "1s")["episodes"][0]
        assert came_ms[rule] - first["start"] <= INTERVAL_MS + GRACE_MS, rule


@pytest.mark.slow
def test_a_healthy_day_is_quiet(server: Server, on_call: OnCall) -> None:
    """24 hours of 200 customers by the rhythm of the day, over the store and the rules as they run live."""
    began_ms = now_ms() - 24 * 3_600_000
    day = ("--rate", "8", "--customers", "200", "--backfill", "24h", "--minutes", "0")
    with simulating(server, SITE, *day) as fleet:
        assert fleet.wait(300) == 0
    rules = [entry["rule"]["name"] for entry in server.get("/api/monitoring/rules")["rules"]]
    found = {rule: backtest(server, SITE, rule, began_ms, "1m") for rule in rules}
    assert {rule: one["episodes"] for rule, one in found.items() if one["fired"]} == {}
    assert min(one["ticks"] for one in found.values()) >= 24 * 60
    assert {rule for rule, one in found.items() if one["unknown"] == 100} <= {"tab-sync-errors"}, "they could have"
    assert on_call.heard() == []
