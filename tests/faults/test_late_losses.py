"""Losses that were acknowledged are told, however long the store took nothing, or nobody evaluated."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.lost_table import lost_table
from tests.support.server import Json, Server, batch_of, make_sites, now_ms, wait_until

SITE = "late"
WINDOW_MS = 2_000
RULES = [
    {
        "name": "data-loss",
        "category": "persistence",
        "metric": "persistence.dataLoss.incidents",
        "timeOf": "arrival",
        "window": f"{WINDOW_MS}ms",
        "every": "1s",
        "threshold": {"above": {"critical": 0}},
    }
]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "rules.yaml").write_text(json.dumps({"rules": RULES}))
    make_sites(tmp_path / "data", [SITE])
    server = Server(tmp_path / "data", alerting=tmp_path / "files", flush_interval_ms=50)
    try:
        yield server.start()
    finally:
        server.kill9()


def lose(server: Server) -> int:
    """Tell of a loss; when that was."""
    loss = {"kind": "loss", "timestamp": now_ms(), "conversationId": "c-1", "lost": 1, "hop": "save"}
    assert server.post(batch_of(SITE, [loss])).status_code == 202
    return now_ms()


def evaluated_ms(server: Server) -> int:
    """When the rule was evaluated last, as far as that was written down."""
    states: list[Json] = server.get("/api/monitoring/alerts/states", rule="data-loss")["rules"]
    return max((one["evaluation"]["atMs"] or 0 for one in states), default=0)


def wait_told(server: Server) -> None:
    def open() -> list[Json]:
        found: list[Json] = server.get("/api/monitoring/alerts", site=SITE)["incidents"]
        return found

    (incident,) = wait_until(open, "the loss has an incident")
    assert (incident["rule"], incident["value"]) == ("data-loss", 1)


def wait_a_window(since_ms: int) -> None:
    wait_until(lambda: now_ms() > since_ms + 2 * WINDOW_MS, "its window is over")


def test_a_store_that_takes_nothing_for_longer_than_a_window(server: Server) -> None:
    wait_until(lambda: evaluated_ms(server), "the rule is evaluated")
    with lost_table(server.data / "events", "events"):
        wait_a_window(lose(server))
    wait_told(server)


def test_a_server_that_is_gone_for_longer_than_a_window(server: Server) -> None:
    wait_until(lambda: evaluated_ms(server), "the rule is evaluated")
    with lost_table(server.data / "events", "events"):
        lost_ms = lose(server)
        server.kill9()
        wait_a_window(lost_ms)
    server.start()
    wait_told(server)
