"""Batches of fifty events as an SDK sends them, and a sender that costs little itself."""

import asyncio
import random
import time
import uuid
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import msgspec

BATCH_EVENTS = 50
_POOL = 400


def _event(draw: random.Random, at: int, seq: int) -> dict[str, object]:
    common: dict[str, object] = {"timestamp": at, "seq": seq}
    kind = draw.random()
    if kind < 0.3:
        return common | {
            "kind": "persistence", "operation": "save", "success": True, "storage": "localStorage",
            "duration": round(draw.lognormvariate(3, 0.5), 1), "bytes": draw.randrange(100_000),
        }  # fmt: skip
    if kind < 0.5:
        length = draw.randrange(1_000)
        return common | {
            "kind": "render", "renderTime": round(draw.lognormvariate(2, 0.5), 1), "contentLength": length
        }  # fmt: skip
    if kind < 0.65:
        return common | {
            "kind": "api", "endpoint": f"/api/messages/{draw.randrange(100)}", "method": "POST", "status": 200,
            "success": True, "duration": round(draw.lognormvariate(5, 0.5), 1), "cached": False,
        }  # fmt: skip
    if kind < 0.85:
        return common | {
            "kind": "message", "stage": "rendered", "ordinal": seq, "conversationId": f"c{seq % 5}",
            "latency": round(draw.lognormvariate(3, 0.5), 1),
        }  # fmt: skip
    if kind < 0.95:
        return common | {"kind": "scroll", "fps": 58.1, "minFps": 44, "frames": 120, "lateFrames": 3}
    return common | {"kind": "memory", "usedBytes": draw.randrange(1 << 25)}


def bodies(seed: int = 1) -> list[tuple[bytes, bytes]]:
    """Batches of 400 sessions, cut where the batch id and the time of sending go."""
    draw = random.Random(seed)
    now = int(time.time() * 1_000)
    made = []
    for session in range(_POOL):
        batch = {
            "batch": "@", "sentAt": 0, "key": "demo-key", "sample": 1,
            "context": {
                "sessionId": f"session-{session}", "tabId": "t1", "customer": f"customer-{session % 40}",
                "release": f"2.{session % 3}", "variant": "a", "page": f"/page/{session % 30}",
                "browser": f"Chrome 1{session % 20}", "os": "Windows", "device": "desktop",
            },
            "events": [_event(draw, now - draw.randrange(5_000), seq) for seq in range(BATCH_EVENTS)],
        }  # fmt: skip
        head, tail = msgspec.json.encode(batch).split(b'"@","sentAt":0')
        made.append((head, tail))
    return made


@dataclass
class Sent:
    """What came of a load: seconds that each batch took to be answered, in order of answers, and the whole time."""

    latencies_s: list[float] = field(default_factory=list)
    took_s: float = 0.0

    @property
    def events(self) -> int:
        return len(self.latencies_s) * BATCH_EVENTS

    def quantile_ms(self, q: float) -> float:
        """A quantile of the latencies in milliseconds."""
        ordered = sorted(self.latencies_s)
        return ordered[min(len(ordered) - 1, int(len(ordered) * q))] * 1_000


async def send(url: str, batches: int, connections: int, events_per_s: float | None = None) -> Sent:
    """Send so many batches over so many connections; at a rate, or one after the other as fast as answers come."""
    host = urlsplit(url)
    pool, sent = bodies(), Sent()
    began = time.monotonic()

    async def worker(place: int) -> None:
        reader, writer = await asyncio.open_connection(host.hostname, host.port)
        for turn in range(place, batches, connections):
            if events_per_s:
                await asyncio.sleep(max(0.0, began + turn * BATCH_EVENTS / events_per_s - time.monotonic()))
            head, tail = pool[turn % _POOL]
            body = b'%s"%s","sentAt":%d%s' % (head, str(uuid.uuid4()).encode(), time.time() * 1_000, tail)
            asked = time.monotonic()
            writer.write(
                b"POST /api/monitoring/widget HTTP/1.1\r\nHost: %s\r\nContent-Type: text/plain\r\nAccept: */*\r\n"
                b"Origin: https://acme.example\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0\r\n"
                b"Content-Length: %d\r\n\r\n%s" % (host.netloc.encode(), len(body), body)
            )
            answer = await reader.readuntil(b"\r\n\r\n")
            if b" 202 " not in answer[:16]:
                raise RuntimeError(f"the server answered {answer[:40]!r}")
            await reader.readexactly(int(answer.lower().partition(b"content-length: ")[2].partition(b"\r")[0]))
            sent.latencies_s.append(time.monotonic() - asked)
        writer.close()

    await asyncio.gather(*map(worker, range(connections)))
    sent.took_s = time.monotonic() - began
    return sent
