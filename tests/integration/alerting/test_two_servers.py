"""Two servers over one control store: one evaluates, and when it is killed the other goes on, telling nothing twice."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.collector import Collector
from tests.support.on_call import OnCall, configure
from tests.support.server import Server, batch_of, make_sites, now_ms, wait_until

pytestmark = pytest.mark.alone

SITES = ("before", "after")
INTERVAL_S = 60.0
"""Of rules, by default: so long nobody may be without evaluation."""

ACTIVE = "chatvitals_alerting_active"


@pytest.fixture
def on_call() -> Iterator[OnCall]:
    with Collector() as hook:
        yield OnCall(hook)


@pytest.fixture
def servers(tmp_path: Path, on_call: OnCall) -> Iterator[list[Server]]:
    rule = {
        "name": "data-loss",
        "title": "Data Loss Detected",
        "category": "persistence",
        "metric": "persistence.dataLoss.incidents",
        "timeOf": "arrival",
        "every": "1s",
        "threshold": {"above": {"critical": 0}},
    }
    configure(tmp_path / "files", [on_call.channel()], rules=[rule])
    make_sites(tmp_path / "first", SITES)
    control = f"sqlite:///{tmp_path / 'first' / 'control.sqlite'}"
    settings = {"control": control, "alerting": str(tmp_path / "files"), "outgoing_allowed": on_call.allowed}
    started = [Server(tmp_path / name, **settings) for name in ("first", "second")]  # type: ignore[arg-type]  # settings are texts
    try:
        yield [server.start() for server in started]
    finally:
        for server in started:
            server.kill9()


def works(server: Server) -> bool:
    """Whether alerting is this server's."""
    return f"{ACTIVE} 1.0" in server.client.get("/metrics").text


def lose(site: str, *servers: Server) -> None:
    """A widget tells of a loss; each server has an events store of its own here, so it tells each."""
    loss = {"kind": "loss", "timestamp": now_ms(), "conversationId": "c-1", "lost": 1, "hop": "save"}
    for server in servers:
        assert server.post(batch_of(site, [loss])).status_code == 202


def test_when_the_one_that_evaluates_is_killed_the_other_goes_on(servers: list[Server], on_call: OnCall) -> None:
    first, second = servers
    wait_until(lambda: works(first) != works(second), "one of them has the work")
    busy, idle = (first, second) if works(first) else (second, first)
    lose("before", busy, idle)
    on_call.wait("data-loss", "before", "opened")
    busy.kill9()
    lose("after", idle)
    killed_ms = now_ms()
    heard = on_call.wait("data-loss", "after", "opened", patience_s=INTERVAL_S)
    assert heard.at_ms - killed_ms < INTERVAL_S * 1_000
    assert works(idle)
    (open_before,) = idle.get("/api/monitoring/alerts", site="before")["incidents"]
    assert open_before["status"] == "open"
    told = Counter((one.data["group"]["site"], one.data["reason"]) for one in on_call.heard())
    assert told == {("before", "opened"): 1, ("after", "opened"): 1}
