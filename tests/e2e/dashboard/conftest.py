"""A server with an hour of a simulated fleet behind it, in which conversations were lost."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext
from tests.e2e.dashboard.watch import Watched
from tests.support.server import Server, batch_of, make_sites, now_ms, succeed, wait_until

Opener = Callable[[str], Watched]

_FAULTS = ("loss-quota,at=-30m,for=5m,share=0.3", "slow-render,at=-20m,for=10m,share=0.5", "api-errors,at=-15m,for=5m")


@pytest.fixture(scope="session")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server; nothing is sent to its site `demo` any more, so that its pages stay as they are."""
    data = tmp_path_factory.mktemp("busy") / "data"
    make_sites(data, ["empty", "live"])
    with Server(data, flush_interval_ms=100, commit_interval_ms=1) as server:
        faults = [word for fault in _FAULTS for word in ("--fault", fault)]
        succeed(
            "simulate", "--url", server.url, "--backfill", "1h", "--minutes", "0", "--rate", "20", "--quiet", *faults
        )
        wait_until(lambda: server.figures("demo", window=7_200_000)["coverage"]["events"], "the past is there")
        loss = {"kind": "loss", "timestamp": now_ms(), "conversationId": "c", "lost": 2, "hop": "save"}
        context = {
            "sessionId": "s",
            "tabId": "t",
            "customer": "acme.example",
            "release": "4.1.0",
            "browser": "Safari 17",
        }
        assert server.post(batch_of("demo", [loss], key="demo-key", context=context)).status_code == 202
        wait_until(lambda: server.get("/api/monitoring/alerts", status="open")["incidents"], "its losses are told")
        yield server


@pytest.fixture
def watched(browsing: BrowserContext, busy: Server) -> Iterator[Watched]:
    """A tab whose page must not complain."""
    tab = Watched.open(browsing, busy.url)
    yield tab
    assert tab.complaints == []
