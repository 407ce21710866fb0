"""The example widget on its shop's pages: what it measures of itself while it is used as visitors use it."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from tests.support.server import WIDGET, Json, Server, clean_environment, free_port, key_of, wait_until

ROOT = Path(__file__).parent.parent.parent
_OPEN = re.compile(r"the shop is open at (http://\S+)/")


class Shop:
    """The example's back end as a process of its own, which reports to the server."""

    def __init__(self, history: Path, endpoint: str, key: str, pace_ms: float = 5) -> None:
        self._words = ["--history", str(history), "--endpoint", endpoint, "--key", key, "--pace-ms", str(pace_ms)]
        self._port = free_port()
        self._process: subprocess.Popen[str] | None = None
        self.url = f"http://127.0.0.1:{self._port}"

    def start(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "examples.widget", "--port", str(self._port), *self._words],
            cwd=ROOT,
            env=clean_environment(),
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        said = self._process.stdout.readline()
        assert _OPEN.match(said), said
        return self

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


@pytest.fixture
def shop(tmp_path: Path, server: Server, site: str) -> Iterator[Shop]:
    started = Shop(tmp_path / "history.sqlite", server.url + WIDGET, key_of(site)).start()
    yield started
    started.kill()


def chat(browsing: BrowserContext, shop: Shop, path: str = "/") -> Page:
    """A page of the shop with the chat open on it."""
    page = browsing.new_page()
    page.goto(shop.url + path)
    page.get_by_role("button", name="Open the chat").click()
    expect(page.get_by_text("Online")).to_be_visible()
    return page


def say(page: Page, text: str) -> None:
    """Say something, and wait until it is answered."""
    answers = page.locator("li.assistant[aria-busy=false]")
    before = answers.count()
    page.get_by_label("Your message").fill(text)
    page.get_by_role("button", name="Send").click()
    expect(answers).to_have_count(before + 1)


def wait_for(server: Server, site: str, kind: str, **fields: object) -> Json:
    """The first event of a kind with these fields, once it is stored."""

    def find() -> Json | None:
        events = (event for event in server.export(site) if event["kind"] == kind)
        return next((event for event in events if fields.items() <= event.items()), None)

    found: Json = wait_until(find, f"a {kind} with {fields} of {site} is stored", pause_s=0.1)
    return found


def test_a_message_goes_out_and_its_answer_comes_in(
    browsing: BrowserContext, shop: Shop, server: Server, site: str
) -> None:
    page = chat(browsing, shop)
    say(page, "When do you deliver?")
    page.close()
    for stage, ordinal in [("sent", 0), ("acked", 0), ("rendered", 0), ("received", 1), ("rendered", 1)]:
        wait_for(server, site, "message", stage=stage, ordinal=ordinal)
    wait_for(server, site, "stream", outcome="complete")
