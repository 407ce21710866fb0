"""What ingest costs: CPU seconds per million events, everything durable and queryable, and how long answers take.

Run by `python -m bench.ingest`. The server has the first core to itself, the load the second.
"""

import argparse
import asyncio
import os
import statistics
import time

import uvloop

from bench.load import BATCH_EVENTS, Sent, send
from bench.server import BenchServer, bench_server

_UNLIMITED = {"CHATVITALS_MAX_KEY_EVENTS_PER_S": "100000000"}


def _wait_until_kept(server: BenchServer, events: int) -> None:
    deadline = time.monotonic() + 60
    while server.kept() < events:
        if time.monotonic() > deadline:
            raise RuntimeError(f"{server.kept()} of {events} events are in the store after a minute")
        time.sleep(0.1)


def _throughput(batches: int, connections: int) -> float:
    with bench_server({0}, **_UNLIMITED) as server:
        before = server.cpu_s()
        sent = uvloop.run(send(server.url, batches, connections))
        _wait_until_kept(server, sent.events)
        cpu = (server.cpu_s() - before) / sent.events * 1e6
        print(
            f"  {cpu:5.2f} CPU s per million events   {sent.events / sent.took_s:9,.0f} events/s"
            f"   p50 {sent.quantile_ms(0.5):5.1f} ms  p99 {sent.quantile_ms(0.99):5.1f} ms"
            f"   {server.rss_bytes() / 1e6:,.0f} MB   ready after {server.started_s:.2f} s"
        )
        return cpu


def _latency(events_per_s: int, seconds: int) -> None:
    async def both(server: BenchServer) -> tuple[Sent, list[float]]:
        load = asyncio.create_task(send(server.url, events_per_s * seconds // BATCH_EVENTS, 64, events_per_s))
        seen = await _until_seen(server, load)
        return await load, seen

    with bench_server({0}, **_UNLIMITED) as server:
        before = server.cpu_s()
        sent, seen = uvloop.run(both(server))
        cpu = (server.cpu_s() - before) / sent.events * 1e6
        print(
            f"  {sent.events / sent.took_s:,.0f} events/s: 202 p50 {sent.quantile_ms(0.5):.1f} ms,"
            f" p99 {sent.quantile_ms(0.99):.1f} ms; event to answer median {statistics.median(seen):.2f} s,"
            f" most {max(seen):.2f} s; {cpu:.2f} CPU s per million events, queries included"
        )


async def _until_seen(server: BenchServer, load: "asyncio.Task[Sent]") -> list[float]:
    """How long after its 202 a batch of a customer of its own shows in the answer, again and again under the load."""
    import json
    import urllib.request
    import uuid

    def once() -> float:
        customer, now = uuid.uuid4().hex, int(time.time() * 1_000)
        batch = {
            "key": "demo-key", "batch": str(uuid.uuid4()), "sentAt": now, "context": {"customer": customer},
            "events": [{"kind": "render", "timestamp": now, "seq": 0, "renderTime": 1}],
        }  # fmt: skip
        request = urllib.request.Request(f"{server.url}/api/monitoring/widget", json.dumps(batch).encode())
        request.add_header("content-type", "text/plain")
        began = time.monotonic()
        urllib.request.urlopen(request, timeout=10).close()
        while not server.get(f"/api/monitoring/widget?customer={customer}")["coverage"]["events"]:  # type: ignore[index]
            time.sleep(0.05)
        return time.monotonic() - began

    seen = [await asyncio.to_thread(once)]
    while not load.done():
        seen.append(await asyncio.to_thread(once))
    return seen


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--events", type=int, default=1_000_000, help="events of a run")
    options.add_argument("--runs", type=int, default=3, help="runs at full speed")
    options.add_argument("--connections", type=int, default=64, help="connections at full speed")
    options.add_argument("--rate", type=int, default=20_000, help="events/s of the latency run; 0 leaves it out")
    options.add_argument("--seconds", type=int, default=10, help="length of the latency run")
    chosen = options.parse_args()
    os.sched_setaffinity(0, {1} if (os.cpu_count() or 1) > 1 else {0})
    print(f"batches of {BATCH_EVENTS} over {chosen.connections} connections, as fast as answers come")
    costs = [_throughput(chosen.events // BATCH_EVENTS, chosen.connections) for _ in range(chosen.runs)]
    if costs:
        print(f"  median {statistics.median(costs):.2f} CPU s per million events")
    if chosen.rate:
        print(f"at {chosen.rate:,} events/s for {chosen.seconds} s")
        _latency(chosen.rate, chosen.seconds)


if __name__ == "__main__":
    main()
