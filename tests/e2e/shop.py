"""The example's back end as a process of its own, visits to its shop, and what came of them at the server."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Self

from examples.widget.history import History
from playwright.sync_api import BrowserContext, Page, expect
from tests.support.server import WIDGET, Json, Server, clean_environment, free_port, key_of, wait_until

ROOT = Path(__file__).parent.parent.parent
_OPEN = re.compile(r"the shop is open at http://\S+/\n")


class Shop:
    """A shop that reports to a site of the server. It comes back at the same address, with the same history."""

    def __init__(self, data: Path, server: Server, site: str) -> None:
        self._history = data / "history.sqlite"
        self._port = free_port()
        self._words = ["--endpoint", server.url + WIDGET, "--key", key_of(site), "--pace-ms", "5"]
        self._process: subprocess.Popen[str] | None = None
        self.url = f"http://127.0.0.1:{self._port}"

    def start(self) -> Self:
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "examples.widget", "--port", str(self._port)),
                *("--history", str(self._history), *self._words),
            ],
            cwd=ROOT,
            env=clean_environment(),
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        said = self._process.stdout.readline()
        assert _OPEN.fullmatch(said), said
        return self

    def kill(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()

    def write(self, conversation: str, *texts: str) -> None:
        """Put down what a colleague wrote, while the back end is away."""
        history = History(str(self._history))
        for number, text in enumerate(texts):
            history.put(conversation, f"colleague-{number}", "assistant", text)
        history.close()


def open_chat(page: Page) -> Page:
    page.get_by_role("button", name="Open the chat").click()
    expect(page.get_by_text("Online")).to_be_visible()
    return page


def enter(browsing: BrowserContext, shop: Shop, path: str = "/", *, timed: bool = False) -> Page:
    """A page of the shop with the chat open on it; the clock of a timed one can be set forward."""
    page = browsing.new_page()
    if timed:
        page.clock.install()
        page.add_init_script("performance.memory = undefined")  # the clock's stands in for what it doesn't know
    page.goto(shop.url + path)
    return open_chat(page)


def ask(page: Page, text: str) -> None:
    page.get_by_label("Your message").fill(text)
    page.get_by_role("button", name="Send").click()


def say(page: Page, text: str) -> None:
    """Ask something, and wait until it is answered in full."""
    answers = page.locator("li.assistant[aria-busy=false]")
    before = answers.count()
    ask(page, text)
    expect(answers).to_have_count(before + 1)


def leave(browsing: BrowserContext) -> None:
    """Leave all pages, as visitors do."""
    for page in browsing.pages:
        page.goto("about:blank")


def stored(server: Server, site: str, kind: str, **fields: object) -> list[Json]:
    """The events of a kind with these fields that are stored by now."""
    return [event for event in server.export(site) if event["kind"] == kind and fields.items() <= event.items()]


def wait_stored(server: Server, site: str, kind: str, **fields: object) -> Json:
    """The first event of a kind with these fields, once it is stored."""
    found: list[Json] = wait_until(
        lambda: stored(server, site, kind, **fields), f"a {kind} with {fields} of {site} is stored", pause_s=0.1
    )
    return found[0]


def wait_all(server: Server, site: str, views: int) -> list[Json]:
    """All that so many page views recorded, once as much is stored as they account for; they have to be over."""

    def complete() -> list[Json] | None:
        events = [event for event in server.export(site) if event["seq"] >= 0]
        accounts = [event for event in events if event["kind"] == "sdk"]
        told = sum(account["recorded"] for account in accounts) + len(accounts)
        return events if told == len(events) and len({account["tabId"] for account in accounts}) == views else None

    events: list[Json] = wait_until(complete, f"all of {views} page views of {site} is stored", pause_s=0.1)
    return events
