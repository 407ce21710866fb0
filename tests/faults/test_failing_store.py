"""A store or a spool that can't be written for a while: that is said, what was acknowledged is kept, once."""

import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from itertools import count
from pathlib import Path
from shutil import disk_usage

import pytest
from tests.support.lost_table import lost_table
from tests.support.server import Json, Server, batch_of, make_sites, now_ms, render, wait_until

SITE = "outage"
DISK_BYTES = 48 << 20
LARGE = 1_000


@contextmanager
def full_disk(directory: Path) -> Iterator[None]:
    """While this lasts, the file system of the directory has no byte left."""
    filler = directory / "filler"
    try:
        with suppress(OSError), filler.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(1 << 12))
        assert disk_usage(directory).free == 0
        yield
    finally:
        filler.unlink()


def problems(server: Server) -> list[str]:
    """What `/readyz` complains of; empty when it is ready."""
    answer = server.client.get("/readyz")
    told: Json = answer.json()
    assert (answer.status_code == 200) is told["ready"] is (not told["problems"])
    found: list[str] = told["problems"]
    return found


class Sender:
    """Sends events that say which they are, and keeps the account of what was acknowledged."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._numbers = count()
        self.acknowledged: list[int] = []
        self.refused = 0

    def batch(self, size: int) -> Json:
        return batch_of(SITE, [render(now_ms(), contentLength=next(self._numbers)) for _ in range(size)])

    def send(self, body: Json) -> int:
        status = self._server.post(body).status_code
        if status == 202:
            self.acknowledged += [event["contentLength"] for event in body["events"]]
        else:
            self.refused += len(body["events"])
        return status


def check_outage(server: Server, outage: AbstractContextManager[None]) -> None:
    sender = Sender(server)
    assert sender.send(sender.batch(3)) == 202
    server.wait_settled(SITE, kept=3)
    assert problems(server) == []

    with outage:
        first = sender.batch(5)
        assert sender.send(first) == 202
        told = wait_until(lambda: problems(server), "it isn't ready")
        assert len(told) == 1
        assert "events store" in told[0]
        for _ in range(3):
            assert sender.send(sender.batch(5)) == 202, "the spool takes what the store doesn't"
        assert server.post(first).json() == {"accepted": 5, "rejected": []}, "sent again, and known"
        assert problems(server) == told, "the failure stays told between two tries"

        while (status := sender.send(sender.batch(LARGE))) == 202:
            assert len(sender.acknowledged) < 100_000, "the spool has no bound"
        assert status == 503
        assert ["spool is full" in problem for problem in problems(server)] == [False, True]
        assert server.client.get("/livez").status_code == 200

    wait_until(lambda: not problems(server), "it is ready again")
    assert sender.send(sender.batch(2)) == 202
    kept = len(sender.acknowledged)
    server.wait_settled(SITE, kept=kept, received=kept + 5 + sender.refused)
    assert sorted(event["contentLength"] for event in server.export(SITE)) == sorted(sender.acknowledged)
    assert server.outcomes(SITE) == {
        ("stored", ""): kept,
        ("duplicate", "batch_seen"): 5,
        ("limited", "unavailable"): sender.refused,
    }


@pytest.fixture
def data(tmp_path: Path) -> Path:
    make_sites(tmp_path / "data", [SITE])
    return tmp_path / "data"


def serving(data: Path) -> Server:
    return Server(data, flush_interval_ms=50, commit_interval_ms=0, max_spool_bytes=1 << 20)


@pytest.mark.parametrize("table", ["events", "outcomes"])
def test_a_table_that_takes_no_parts(data: Path, table: str) -> None:
    """With `outcomes`, the events of a segment are in the store and are inserted again at each try."""
    with serving(data) as server:
        check_outage(server, lost_table(data / "events", table))


def test_a_killed_server_leaves_what_the_store_did_not_take(data: Path) -> None:
    server = serving(data)
    try:
        server.start()
        sender = Sender(server)
        with lost_table(data / "events", "events"):
            assert sender.send(sender.batch(5)) == 202
            wait_until(lambda: problems(server), "it isn't ready")
            server.kill9()
        server.start()
        server.wait_settled(SITE, kept=5)
        assert sorted(event["contentLength"] for event in server.export(SITE)) == sender.acknowledged
    finally:
        server.kill9()


@pytest.fixture
def small_disk(data: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A small file system of its own for the directory that the test names; all others lie on another."""
    directory: Path = data / request.param
    directory.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", directory],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode != 0:
        pytest.skip(f"a file system can't be mounted here: {mounted.stderr.strip()}")
    yield directory
    subprocess.run(["umount", "--lazy", directory], check=True)


@pytest.mark.parametrize("small_disk", ["events"], indirect=True)
def test_a_disk_without_room_for_the_store(data: Path, small_disk: Path) -> None:
    with serving(data) as server:
        check_outage(server, full_disk(small_disk))


@pytest.mark.parametrize("small_disk", ["spool"], indirect=True)
def test_a_disk_without_room_for_the_spool(data: Path, small_disk: Path) -> None:
    """Nothing can be acknowledged then; once there is room, that shows before anybody sends."""
    with serving(data) as server:
        sender = Sender(server)
        assert sender.send(sender.batch(3)) == 202
        server.wait_settled(SITE, kept=3)
        with full_disk(small_disk):
            refused = sender.batch(5)
            assert sender.send(refused) == 503
            (problem,) = problems(server)
            assert "spool can't be written" in problem
        wait_until(lambda: not problems(server), "it is ready again")
        assert sender.send(refused) == 202
        server.wait_settled(SITE, kept=8, received=13)
        assert sorted(event["contentLength"] for event in server.export(SITE)) == sender.acknowledged
        assert server.outcomes(SITE) == {("stored", ""): 8, ("limited", "unavailable"): 5}
