"""What a dead process may leave in its spool directory: torn tails, stray files, segments that were inserted before."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.support.server import Json, Server, batch_of, make_sites, now_ms, render

from chatvitals.catalogue.dimensions import DIMENSIONS, OVERFLOW

SITE = "spool"
LONG_MS = 60_000
SHORT_MS = 50


@pytest.fixture
def data(tmp_path: Path) -> Path:
    make_sites(tmp_path / "data", [SITE])
    return tmp_path / "data"


@contextmanager
def serving(data: Path, *, flush_interval_ms: int) -> Iterator[Server]:
    with Server(data, flush_interval_ms=flush_interval_ms, commit_interval_ms=0) as server:
        yield server


def batches(number: int, size: int = 5) -> list[Json]:
    return [
        batch_of(SITE, [render(now_ms(), contentLength=batch, messageCount=place) for place in range(size)])
        for batch in range(number)
    ]


def take(server: Server, bodies: list[Json]) -> None:
    for body in bodies:
        reply = server.post(body)
        assert reply.status_code == 202, reply.text
        assert reply.json() == {"accepted": len(body["events"]), "rejected": []}


def leave_in_spool(data: Path, bodies: list[Json]) -> Path:
    """Have batches acknowledged and the server killed before they are in the store; returns their segment."""
    with serving(data, flush_interval_ms=LONG_MS) as server:
        take(server, bodies)
        server.kill9()
    (segment,) = (data / "spool").glob("*.spool")
    return segment


def stored(server: Server) -> list[tuple[int, int]]:
    return sorted((event["contentLength"], event["messageCount"]) for event in server.export(SITE))


def spool_is_empty(data: Path) -> bool:
    return not list((data / "spool").glob("*.spool"))


def everything(number: int, size: int = 5) -> list[tuple[int, int]]:
    return [(batch, place) for batch in range(number) for place in range(size)]


def cut_the_last_byte(segment: Path) -> int:
    segment.write_bytes(segment.read_bytes()[:-1])
    return 1


def cut_within_the_first_record(segment: Path) -> int:
    segment.write_bytes(segment.read_bytes()[:100])
    return 3


def flip_a_bit_of_the_last_record(segment: Path) -> int:
    content = bytearray(segment.read_bytes())
    content[-20] ^= 4
    segment.write_bytes(content)
    return 1


def add_zeros(segment: Path) -> int:
    segment.write_bytes(segment.read_bytes() + bytes(5_000))
    return 0


def add_half_a_record(segment: Path) -> int:
    content = segment.read_bytes()
    segment.write_bytes(content + content[8 : len(content) // 2])
    return 0


@pytest.mark.parametrize(
    "damage",
    [
        cut_the_last_byte,
        cut_within_the_first_record,
        flip_a_bit_of_the_last_record,
        add_zeros,
    ],
)
def test_records_before_a_torn_tail_are_kept_once(data: Path, damage: Callable[[Path], int]) -> None:
    bodies = batches(3)
    lost = damage(leave_in_spool(data, bodies))
    with serving(data, flush_interval_ms=SHORT_MS) as server:
        server.wait_settled(SITE, kept=5 * (3 - lost))
        assert stored(server) == everything(3 - lost)
        take(server, bodies)  # the senders of what was torn off never had an answer, so they send again
        server.wait_settled(SITE, kept=15, received=15 + 5 * (3 - lost))
        assert stored(server) == everything(3)
        assert server.outcomes(SITE)["duplicate", "batch_seen"] == 5 * (3 - lost)


def test_stray_files_disturb_nothing(data: Path) -> None:
    spool = leave_in_spool(data, batches(2)).parent
    (spool / "notes.txt").write_text("left by somebody")
    (spool / ".hidden.spool.swp").write_bytes(b"x")
    (spool / "00000000000001-empty.spool").write_bytes(b"")
    (spool / "00000000000002-short.spool").write_bytes(b"CVSP")
    (spool / "99999999999999-foreign.spool").write_bytes(b"not a segment at all" * 100)
    (spool / "99999999999999-magic.spool").write_bytes(b"CVSPOOL1" + b"\xff" * 64)
    with serving(data, flush_interval_ms=SHORT_MS) as server:
        server.wait_settled(SITE, kept=10)
        assert stored(server) == everything(2)
        take(server, batches(1))
        server.wait_settled(SITE, kept=15)
        assert server.client.get("/readyz").status_code == 200
        assert (spool / "notes.txt").read_text() == "left by somebody"


@pytest.mark.parametrize("ending", ["terminate", "kill9"])
def test_a_segment_that_was_inserted_before_its_file_was_removed_counts_once(data: Path, ending: str) -> None:
    """As a kill between the insert and the removal leaves it."""
    bodies = batches(4)
    segment = leave_in_spool(data, bodies)
    copy = shutil.copy(segment, data / "copy")
    with serving(data, flush_interval_ms=SHORT_MS) as server:
        server.wait_settled(SITE, kept=20)
        before = server.outcomes(SITE)
        getattr(server, ending)()
    assert not segment.exists()
    for _ in range(2):  # struck again at the same place, the next time
        shutil.copy(copy, segment)
        with serving(data, flush_interval_ms=SHORT_MS) as server:
            take(server, batches(1))  # what comes after it shows that it was taken up
            before += {("stored", ""): 5}
            server.wait_settled(SITE, kept=before["stored", ""])
            assert spool_is_empty(data) or not segment.exists()
            server.kill9()
    with serving(data, flush_interval_ms=SHORT_MS) as server:
        assert server.outcomes(SITE) == before
        assert stored(server) == sorted(everything(4) + 2 * everything(1))
        take(server, bodies)
        server.wait_settled(SITE, received=before.total() + 20)
        assert server.outcomes(SITE)["duplicate", "batch_seen"] == 20


def test_a_batch_is_known_while_it_waits_in_the_spool_of_a_dead_process(data: Path) -> None:
    bodies = batches(2)
    leave_in_spool(data, bodies)
    with serving(data, flush_interval_ms=LONG_MS) as server:
        take(server, bodies)
        other = {**bodies[0], "events": [render(now_ms() - 1_000)]}
        reply = server.post(other)
        assert reply.status_code == 409, reply.text
        assert server.terminate() == 0
    with serving(data, flush_interval_ms=SHORT_MS) as server:
        server.wait_settled(SITE, kept=10, received=21)
        assert stored(server) == everything(2)


def test_a_cap_counts_the_values_that_a_dead_process_left_in_its_spool(data: Path) -> None:
    cap = next(dimension.cap for dimension in DIMENSIONS if dimension.name == "device")
    bodies = [batch_of(SITE, [render()], context={"device": f"device-{number}"}) for number in range(cap - 1)]
    leave_in_spool(data, bodies)
    with serving(data, flush_interval_ms=SHORT_MS) as server:
        take(server, [batch_of(SITE, [render()], context={"device": f"late-{number}"}) for number in range(3)])
        take(server, [batch_of(SITE, [render()], context={"device": "device-7"})])
        server.wait_settled(SITE, kept=cap + 3)
        devices = {event["device"] for event in server.export(SITE)}
        assert devices == {*(f"device-{number}" for number in range(cap - 1)), "late-0", OVERFLOW}
        assert server.outcomes(SITE) == {("stored", ""): cap + 1, ("folded", "device"): 2}
