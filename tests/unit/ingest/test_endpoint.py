"""Refusals as they are counted: each event of a batch that could be decoded, one where it could not."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from tests.unit.events import NOW_MS

from chatvitals.errors import RequestError
from chatvitals.ingest.endpoint import Headers, Ingest
from chatvitals.ingest.keyring import Keyring
from chatvitals.ingest.pipeline import Pipeline
from chatvitals.ingest.segment import SUFFIX, read_segment
from chatvitals.ingest.spool import Spool
from chatvitals.ingest.steps.cardinality import Vocabulary
from chatvitals.settings import Settings
from chatvitals.store.control.database import open_database
from chatvitals.store.control.sites import Sites
from chatvitals.store.remembered import Remembered

GOOD = {"kind": "render", "timestamp": NOW_MS, "renderTime": 8}
SETTINGS = Settings(max_batch_events=10, max_key_events_per_s=1, max_body_bytes=4_096, body_timeout_s=0.01)
"""A key's allowance is ten events at once."""

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "outcomes.md"


def body_of(number: int, **head: Any) -> bytes:
    batch = {"key": "open", "batch": str(uuid4()), "sentAt": NOW_MS, "events": [GOOD] * number}
    return json.dumps(batch | head).encode()


@dataclass
class Desk:
    """The endpoint over a spool and a control store of its own."""

    ingest: Ingest
    spool: Spool
    directory: Path

    async def send(self, body: bytes | None, **headers: str) -> int:
        """The status of the answer; None for a body that never comes."""

        async def receive() -> dict[str, Any]:
            if body is None:
                await asyncio.Event().wait()
            return {"type": "http.request", "body": body}

        sent: Headers = {name.replace("_", "-").encode(): value.encode() for name, value in headers.items()}
        try:
            await self.ingest.take(sent, receive)
        except RequestError as refusal:
            return refusal.status
        return 202

    async def told(self) -> dict[tuple[str, str, str], int]:
        """How many events had each site, outcome and reason, once everything is written."""
        await self.spool.close()
        records = [record for path in self.directory.glob(f"*{SUFFIX}") for record in read_segment(path)]
        return {(key.site, key.outcome, key.reason): n for record in records for key, n in record.outcomes().items()}


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    database = open_database(f"sqlite:///{tmp_path / 'control.sqlite'}")
    sites = Sites(database, lambda: NOW_MS)
    for site, origins in (("open", ["*"]), ("walled", ["https://acme.example"])):
        sites.ensure_site(site, origins)
        sites.add_key(site, key=site)
    sites.add_key("open", key="revoked")
    sites.revoke_key("revoked")
    remembered, vocabulary = Remembered(tmp_path / "remembered.sqlite"), Vocabulary()
    spool = Spool(tmp_path / "spool", remembered, vocabulary, lambda: NOW_MS, max_bytes=1 << 20, commit_interval_s=0)
    await spool.start()
    keyring = Keyring(sites)
    yield Desk(
        Ingest(SETTINGS, keyring, Pipeline(SETTINGS, vocabulary), spool, lambda: NOW_MS), spool, tmp_path / "spool"
    )
    await spool.close()
    spool.shut()
    remembered.close()
    database.dispose()


REFUSED: dict[str, tuple[bytes | None, dict[str, str], int, str, str, int]] = {
    "media": (body_of(5), {"content_type": "application/xml"}, 415, "", "unsupported_media", 1),
    "encoding": (body_of(5), {"content_encoding": "br"}, 415, "", "unsupported_media", 1),
    "declared size": (body_of(5), {"content_length": "5000"}, 413, "", "too_large", 1),
    "size": (body_of(100), {}, 413, "", "too_large", 1),
    "size once decompressed": (gzip.compress(bytes(9 << 20)), {"content_encoding": "gzip"}, 413, "", "too_large", 1),
    "time": (None, {}, 408, "", "timed_out", 1),
    "no JSON": (body_of(5)[:-1], {}, 400, "", "bad_request", 1),
    "no gzip": (body_of(5), {"content_encoding": "gzip"}, 400, "", "bad_request", 1),
    "wrong head": (body_of(5, sentAt=-1), {}, 400, "", "bad_request", 5),
    "no key": (body_of(5, key=None), {}, 401, "", "unauthorised", 5),
    "unknown key": (body_of(5, key="nobody's"), {}, 401, "", "unauthorised", 5),
    "revoked key": (body_of(5, key="revoked"), {}, 403, "", "forbidden", 5),
    "origin": (body_of(5, key="walled"), {"origin": "https://evil.example"}, 403, "walled", "forbidden", 5),
    "bad events too": (body_of(0, key="walled", events=[GOOD, 7]), {"origin": "null"}, 403, "walled", "forbidden", 2),
    "too many": (body_of(11), {}, 413, "open", "too_large", 11),
    "too many, and bad ones": (body_of(0, events=[GOOD] * 11 + [7]), {}, 413, "open", "too_large", 12),
}


@pytest.mark.parametrize(("body", "headers", "status", "site", "reason", "events"), REFUSED.values(), ids=REFUSED)
async def test_a_refused_batch_counts_its_events_where_they_were_decoded(
    desk: Desk, body: bytes | None, headers: dict[str, str], status: int, site: str, reason: str, events: int
) -> None:
    assert await desk.send(body, **headers) == status
    assert await desk.told() == {(site, "rejected", reason): events}


async def test_what_is_over_the_allowance_counts_its_events(desk: Desk) -> None:
    assert await desk.send(body_of(8)) == 202
    assert await desk.send(body_of(7)) == 429
    assert await desk.told() == {("open", "stored", ""): 8, ("open", "limited", "key_rate"): 7}


async def test_a_conflict_counts_its_events(desk: Desk) -> None:
    batch = str(uuid4())
    assert await desk.send(body_of(2, batch=batch)) == 202
    assert await desk.send(body_of(3, batch=batch)) == 409
    assert await desk.told() == {("open", "stored", ""): 2, ("open", "rejected", "batch_conflict"): 3}


async def test_what_the_spool_does_not_take_counts_its_events(desk: Desk) -> None:
    desk.spool.unsettled_bytes = 1 << 20
    assert await desk.send(body_of(4)) == 503
    assert await desk.told() == {("open", "limited", "unavailable"): 4}


@pytest.mark.parametrize("head", [{}, {"key": "nobody's"}, {"sentAt": -1}])
async def test_a_batch_without_events_has_no_outcome(desk: Desk, head: dict[str, Any]) -> None:
    batch = str(uuid4())
    for _ in range(2):
        await desk.send(body_of(0, batch=batch, **head))
    assert await desk.told() == {}


def test_the_page_of_outcomes_says_of_every_refusal_how_it_counts() -> None:
    rows = [[cell.strip(" `") for cell in line.split("|")[1:-1]] for line in PAGE.read_text().splitlines()]
    written = {(row[1], int(row[2]), row[4], row[5]) for row in rows if len(row) == 6 and row[2].isdigit()}
    tried = {
        (reason, status, "told" if site else "", "each event" if events > 1 else "one")
        for _, _, status, site, reason, events in REFUSED.values()
    }
    others = {("key_rate", 429), ("unavailable", 503), ("batch_conflict", 409), ("unfit", 400)}
    assert written == tried | {(reason, status, "told", "each event") for reason, status in others}
