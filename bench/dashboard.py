"""What the dashboard costs and how fast it is, over ten million events of thirty days.

Run by `python -m bench.dashboard`. Server, Chromium and what sends events share two cores. No window is asked for
twice, unless it is said so, so that answers that are kept for a while don't count.
"""

import argparse
import asyncio
import gzip
import json
import re
import statistics
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Browser, Page
from websockets.asyncio.client import ClientConnection, connect

from bench.browser import chromium_on
from bench.history import fill
from bench.load import BATCH_EVENTS, Sent, send
from bench.server import BenchServer, bench_server
from chatvitals.clock import system_clock
from chatvitals.query.rollups import Rollups
from chatvitals.store.events.embedded import EmbeddedEngine
from chatvitals.store.events.migrate import migrate

MAIN = "/dashboard/performance"
WINDOWS_MS = (300_000, 3_600_000, 86_400_000)
OTHERS = ("customers", "releases", "sessions", "storage", "boot", "streaming", "errors", "system")
CORES = {0, 1}
VIEWERS = 50
EVENTS_PER_S = 5_000
TABS = 4

TARGETS = {
    "server time of the main page, p95": "100 ms",
    "main page complete": "300 ms",
    "first load over the wire": "120 kB",
    "interaction": "100 ms",
    "event to screen": "3 s",
}


def quantile(values: Sequence[float], q: float) -> float:
    """A quantile, of the values themselves."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * q))]


def _server_ms(url: str) -> float:
    request = urllib.request.Request(url, headers={"accept-encoding": "gzip", "hx-request": "true"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        body = gzip.decompress(answer.read())
        assert b"</html>" in body
        return float(re.search(r"dur=([\d.]+)", answer.headers["server-timing"])[1])  # type: ignore[index]


def measure_server(server: BenchServer, runs: int) -> None:
    """Server time of the main page by window, and of the others over a day."""
    for window in WINDOWS_MS:
        took = [_server_ms(f"{server.url}{MAIN}?window={window + run}") for run in range(runs)]
        print(
            f"  {MAIN}, {window // 60_000} min: p50 {quantile(took, 0.5):.0f} ms, p95 {quantile(took, 0.95):.0f} ms"
            f" (target {TARGETS['server time of the main page, p95']}), each window asked for the first time"
        )
        settled = [_server_ms_after(1.05, f"{server.url}{MAIN}?window={window}") for _ in range(min(runs, 20))]
        print(
            f"    the same again each second: p50 {quantile(settled, 0.5):.0f} ms, p95 {quantile(settled, 0.95):.0f} ms"
        )
    for name in OTHERS:
        took = [_server_ms(f"{server.url}/dashboard/{name}?window={86_400_000 + run}") for run in range(5)]
        print(f"  /dashboard/{name}, 24 h: p50 {quantile(took, 0.5):.0f} ms, most {max(took):.0f} ms")


def _server_ms_after(pause_s: float, url: str) -> float:
    time.sleep(pause_s)
    return _server_ms(url)


_TIMES = """() => {
  const [page] = performance.getEntriesByType("navigation");
  const entries = [page, ...performance.getEntriesByType("resource")];
  return {
    complete: page.loadEventEnd,
    bytes: entries.reduce((sum, { transferSize }) => sum + transferSize, 0),
    requests: entries.map(({ name }) => name),
  };
}"""


def measure_first_load(server: BenchServer, browser: Browser, runs: int) -> None:
    """A browser that was never there, and one that comes back."""
    first: list[float] = []
    again: list[float] = []
    size, requests = 0, []
    for run in range(runs):
        context = browser.new_context()
        page = context.new_page()
        for into, window in ((first, 3_600_000 + run), (again, 3_700_000 + run)):
            page.goto(f"{server.url}{MAIN}?window={window}", wait_until="load")
            times: dict[str, Any] = page.evaluate(_TIMES)
            into.append(float(times["complete"]))
            if into is first:
                size = int(times["bytes"])
            else:
                requests = times["requests"]
        context.close()
    print(f"  main page complete, first visit: p50 {quantile(first, 0.5):.0f} ms, p95 {quantile(first, 0.95):.0f} ms")
    print(f"  again: p50 {quantile(again, 0.5):.0f} ms, p95 {quantile(again, 0.95):.0f} ms (target 300 ms)")
    print(f"  over the wire on first load: {size / 1_000:.1f} kB (target 120); {len(requests)} requests")


_CLICKED = """() => { window.painted = new Promise((resolve) => {
  let began = 0;
  addEventListener("click", () => { began = performance.now(); }, { capture: true, once: true });
  document.addEventListener("htmx:after:swap", () => requestAnimationFrame(() => setTimeout(() =>
    resolve(performance.now() - began))), { once: true });
}); }"""
_PRESS_MS = 90
"""How long a button stays down under somebody's finger, and at least what is between two keys of a keyboard."""


def measure_interaction(server: BenchServer, browser: Browser, runs: int) -> None:
    """From the click on a tab to the painted answer: with the mouse, and by keyboard."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.goto(f"{server.url}{MAIN}")
    for way, click in (("with the mouse", _press), ("by keyboard", _enter)):
        took = []
        for run in range(runs):
            page.evaluate(_CLICKED)
            click(page, f"nav.tabs a:nth-of-type({1 + (run + 1) % TABS})")
            took.append(float(page.evaluate("window.painted")))
            page.wait_for_timeout(1_100)
        p50, p95 = quantile(took, 0.5), quantile(took, 0.95)
        print(f"  a click on a tab {way} until it is painted: p50 {p50:.0f} ms, p95 {p95:.0f} ms (target 100)")
    page.context.close()


def _press(page: Page, selector: str) -> None:
    page.locator(selector).click(delay=_PRESS_MS)


def _enter(page: Page, selector: str) -> None:
    page.locator(selector).focus()
    page.wait_for_timeout(_PRESS_MS)
    page.locator(selector).press("Enter")


async def _watch(socket: ClientConnection, url: str, lags: list[float], until: Callable[[], bool]) -> int:
    """Count what one viewer gets, and how old it is when it comes."""
    await socket.send(json.dumps({"url": url}))
    got = 0
    while not until():
        try:
            async with asyncio.timeout(1):
                message = json.loads(await socket.recv())
        except TimeoutError:
            continue
        if message["type"] == "fragments":
            got += 1
            lags.append(time.time() * 1_000 - message["atMs"])
    return got


async def _with_viewers(server: BenchServer, urls: Sequence[str], seconds: int) -> tuple[Sent, list[int], list[float]]:
    lags: list[float] = []
    address = server.url.replace("http", "ws", 1) + "/api/monitoring/live?format=fragments"
    sockets = [await connect(address, proxy=None, max_size=None) for _ in urls]
    over = False
    watching = [
        asyncio.create_task(_watch(socket, url, lags, lambda: over)) for socket, url in zip(sockets, urls, strict=True)
    ]
    sent = await send(server.url, EVENTS_PER_S * seconds // BATCH_EVENTS, 16, EVENTS_PER_S)
    over = True
    got = await asyncio.gather(*watching)
    for socket in sockets:
        await socket.close()
    return sent, got, lags


def measure_viewers(server: BenchServer, seconds: int) -> None:
    """Fifty viewers of the main page, then of ten views of it, beside 5,000 events a second."""
    for different in (1, 10):
        urls = [f"{MAIN}?window={3_600_000 + place % different}" for place in range(VIEWERS)]
        cpu = server.cpu_s()
        sent, got, lags = asyncio.run(_with_viewers(server, urls, seconds))
        print(
            f"  {VIEWERS} viewers of {different} view(s), {sent.events / sent.took_s:,.0f} events/s: each viewer told"
            f" {statistics.mean(got) / seconds:.2f} times a second, {quantile(lags, 0.5):.0f} ms (p95"
            f" {quantile(lags, 0.95):.0f}) after the figures were asked for; 202 p99 {sent.quantile_ms(0.99):.0f} ms;"
            f" {(server.cpu_s() - cpu) / sent.took_s:.0%} of a core"
        )


@contextmanager
def filled_server(events: int, days: int) -> Iterator[BenchServer]:
    """A server over a made-up history that ends now."""
    with TemporaryDirectory(prefix="chatvitals-bench-") as folder:
        data = Path(folder) / "data"
        data.mkdir()
        engine = EmbeddedEngine(data / "events")
        migrate(engine)
        fill(engine, events, int(time.time() * 1_000), days, together=1_000)
        rollups = Rollups(engine, system_clock, days + 1)
        rollups.take_stock()
        print(f"{asyncio.run(rollups.roll_up_sealed())} hours rolled up")
        engine.close()
        with bench_server(CORES, str(data)) as server:
            yield server


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--events", type=int, default=10_000_000)
    options.add_argument("--days", type=int, default=29)
    options.add_argument("--runs", type=int, default=40)
    options.add_argument("--seconds", type=int, default=30)
    chosen = options.parse_args()
    with filled_server(chosen.events, chosen.days) as server:
        print(f"{chosen.events:,} events of {chosen.days} days, server ready after {server.started_s:.1f} s")
        measure_server(server, chosen.runs)
        with chromium_on(*CORES) as browser:
            measure_first_load(server, browser, min(chosen.runs, 10))
            measure_interaction(server, browser, min(chosen.runs, 16))
        measure_viewers(server, chosen.seconds)


if __name__ == "__main__":
    main()
