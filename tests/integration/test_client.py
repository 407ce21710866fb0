"""What a back end tells arrives exactly once, and stands beside what the browser tells without counting it twice."""

import random
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.server import WIDGET as PATH
from tests.support.server import Json, Server, batch_of, clean_environment, free_port, key_of, make_sites, now_ms

from chatvitals.client import Client
from chatvitals.client.connection import Answer, Connection

PAGE = Path(__file__).parent.parent.parent / "docs" / "how-to" / "back-end.md"
PATIENCE_S = 30.0


def client_of(server: Server, site: str) -> Client:
    return Client(server.url + PATH, key_of(site), customer="acme", release="2.0")


def browser(server: Server, site: str, ordinals: range, *stages: str) -> None:
    """Tell the browser's half of a conversation."""
    events = [
        {"kind": "message", "timestamp": now_ms(), "stage": stage, "ordinal": ordinal, "conversationId": "c"}
        for ordinal in ordinals
        for stage in stages
    ]
    numbered = [event | {"seq": seq} for seq, event in enumerate(events)]
    assert server.post(batch_of(site, numbered)).status_code == 202


def messages(server: Server, site: str) -> list[Json]:
    return [event for event in server.export(site) if event["kind"] == "message"]


def test_the_server_half_counts_no_acknowledgement_twice(server: Server, site: str) -> None:
    browser(server, site, range(20), "sent", "acked", "rendered")
    with client_of(server, site) as client:
        for ordinal in range(20):
            client.received("c", ordinal, session_id="a-session")
            client.server_ordinal("c", ordinal)
        assert client.flush(PATIENCE_S)
    server.wait_settled(site, kept=60 + 40 + 1)
    figures = server.figures(site)
    assert figures["delivery"]["messages"]["ackRate"] == 100
    assert figures["delivery"]["telemetry"]["sentRate"] == 100
    coverage = figures["coverage"]
    assert coverage["telemetryLoss"] == {"expected": 60, "received": 60, "rate": 0}
    assert (coverage["sessions"], coverage["tabs"]) == (1, 1)
    halves = Counter((event["conversationId"], event["stage"]) for event in messages(server, site))
    assert len({conversation for conversation, _ in halves}) == 1, "both halves are of one conversation"
    assert {stage: n for (_, stage), n in halves.items()} == {"sent": 20, "acked": 20, "rendered": 20, "received": 40}


def test_a_back_end_acknowledges_for_a_widget_that_does_not(server: Server, site: str) -> None:
    browser(server, site, range(20), "sent")
    with client_of(server, site) as client:
        for ordinal in range(20):
            client.acked("c", ordinal, latency_ms=12)
        client.acked("c", 3, duplicate=True)
        assert client.flush(PATIENCE_S)
    server.wait_settled(site, kept=20 + 21 + 1)
    figures = server.figures(site)["delivery"]["messages"]
    assert (figures["ackRate"], figures["avgLatency"]) == (100, 12)


def test_what_the_server_took_without_being_heard_is_counted_once(
    server: Server, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    post, heard = Connection.post, []

    def post_unheard(connection: Connection, body: bytes, headers: dict[str, str]) -> Answer:
        answer = post(connection, body, headers)
        heard.append(answer.status)
        if len(heard) < 3:
            raise ConnectionResetError
        return answer

    monkeypatch.setattr(Connection, "post", post_unheard)
    client = Client(server.url + PATH, key_of(site), pause=lambda _: True)
    for ordinal in range(10):
        client.acked("c", ordinal)
    assert client.flush(PATIENCE_S)
    assert heard == [202] * len(heard)
    assert len(heard) >= 3
    assert client.close(PATIENCE_S)
    server.wait_settled(site, kept=11)
    assert sorted(event["ordinal"] for event in messages(server, site)) == list(range(10))
    assert not [outcome for outcome, _ in server.outcomes(site) if outcome == "rejected"]


def test_a_wrong_key_is_told_in_the_servers_words(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    with Client(server.url + PATH, "nobody's") as client:
        client.acked("c", 1)
        assert not client.flush(PATIENCE_S)
        assert client.dropped == {"refused": 1}
    assert "401" in caplog.text
    assert "key" in caplog.messages[0]


def test_what_the_client_takes_the_server_takes(server: Server, site: str) -> None:
    """Texts and numbers at their limits are in order here and there."""
    with client_of(server, site) as client:
        client.acked("c" * 256, 2_000_000_000, session_id="ü" * 4_000, page="/" * 4_000, latency_ms=86_400_000)
        client.record("error", type="\x00" * 4_000, message="€" * 4_000)
        assert client.flush(PATIENCE_S)
        assert client.dropped == {}
    server.wait_settled(site, kept=3)


@pytest.fixture
def killable(tmp_path: Path) -> Iterator[Server]:
    data = tmp_path / "data"
    make_sites(data, ["killed"])
    with Server(data, port=free_port(), flush_interval_ms=100, commit_interval_ms=5) as running:
        yield running


def test_acknowledgements_outlive_servers(killable: Server, caplog: pytest.LogCaptureFixture) -> None:
    """The server is killed again and again while a back end tells; nothing is missing then, and nothing there twice."""
    dice = random.Random(7)
    client = client_of(killable, "killed")
    told = 0
    for _ in range(5):
        for _ in range(300):
            client.acked("c", told, session_id=f"s{told % 20}")
            told += 1
        client.flush(dice.uniform(0.0, 0.2))  # as far as it comes
        killable.kill9()
        client.acked("c", told)
        told += 1
        killable.start()
    assert client.close(PATIENCE_S), client.dropped
    assert (client.sent, client.dropped) == (told, {})
    assert "events wait" in caplog.text, "no kill met the client"
    killable.wait_settled("killed", kept=told + 1)
    assert sorted(event["ordinal"] for event in messages(killable, "killed")) == list(range(told))


def test_the_example_of_the_page_runs(server: Server, site: str) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    for placeholder, real in {"http://127.0.0.1:8000": server.url, "demo-key": key_of(site)}.items():
        assert placeholder in example
        example = example.replace(placeholder, real)
    done = subprocess.run(
        [sys.executable, "-c", example],
        capture_output=True,
        text=True,
        timeout=60,
        env=clean_environment(),
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    server.wait_settled(site, kept=3)
    assert sorted((event["stage"], event["ordinal"]) for event in messages(server, site)) == [
        ("received", 0),
        ("received", 1),
    ]
