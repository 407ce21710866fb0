"""Where the SDK is measured: a browser, a host of its pages, a real server, and a site of its own for each scene."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, BrowserContext
from tests.support.server import WIDGET, Server, key_of, make_sites

from bench.browser import Tab
from bench.gate import Gate, gate_before
from bench.host import Host

EVENTS = 500

RECORD = """(handle, count, from = 0) => {
    for (let i = from; i < from + count; i++) {
        handle.trackRender({messageId: `m-${i}`, renderTime: 1 + i / 2, contentLength: 100 + i % 60});
    }
}"""
"""A function that records events. Their times to render tell one from the other."""


def render_time(number: int) -> float:
    """What `RECORD` gives to the event of this number."""
    return 1 + number / 2


@dataclass
class Scene:
    """One visitor to one site, through a gate of its own."""

    browsing: BrowserContext
    host: Host
    gate: Gate
    server: Server
    site: str

    def start(self, **options: object) -> str:
        """An expression that starts the SDK."""
        told = {"endpoint": self.gate.url + WIDGET, "key": key_of(self.site)}
        given = told | {"customer": "acme", "release": "1.0"} | options
        return f"chatvitals.init({json.dumps(given)})"

    def visit(self, **options: object) -> Tab:
        """A page with the SDK started on it, as `handle`."""
        tab = Tab(self.browsing, self.host.widget)
        tab.run(f"void (window.handle = {self.start(**options)})")
        return tab

    def blank(self) -> Tab:
        """The same page without the SDK."""
        return Tab(self.browsing, self.host.blank)


@dataclass
class Stage:
    """What all scenes share."""

    browser: Browser
    host: Host
    server: Server
    sites: Iterator[str]

    @contextmanager
    def scene(self) -> Iterator[Scene]:
        """A visitor with nothing stored, a renderer of its own, and a site where nothing came yet."""
        with gate_before(self.server.url) as gate:
            browsing = self.browser.new_context()
            yield Scene(browsing, self.host, gate, self.server, next(self.sites))
            browsing.close()


@contextmanager
def stage_of(browser: Browser, host: Host, scenes: int) -> Iterator[Stage]:
    """A server with as many sites as there may be scenes."""
    names = [f"scene-{number}" for number in range(scenes)]
    with TemporaryDirectory() as box:
        data = Path(box) / "data"
        make_sites(data, names)
        with Server(data, flush_interval_ms=100, commit_interval_ms=1) as server:
            yield Stage(browser, host, server, iter(names))
