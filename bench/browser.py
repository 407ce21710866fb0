"""A Chromium on chosen cores, its pages driven over the DevTools protocol, and what a page's main thread costs."""

import os
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self

from playwright.sync_api import Browser, BrowserContext, CDPSession, sync_playwright

ROOT = Path(__file__).parent.parent

_QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_PINNED = '#!/bin/sh\nexec taskset -c {cores} {chromium} "$@"\n'
_BUSY_MS = 60
_LULL_S = 0.3
"""After a page was opened: the browser's other processes still work for it, and they have the same core."""
_LEAST_MS = 6
"""A page that is kept busy works so long at least, however much of its core others have."""
_TRIES = 20


@contextmanager
def chromium_on(*cores: int) -> Iterator[Browser]:
    """Chromium with all its processes on these cores."""
    found = subprocess.run([ROOT / "tools" / "bring_chromium.sh"], stdout=subprocess.PIPE, text=True, check=True)
    with TemporaryDirectory() as box, sync_playwright() as playwright:
        pinned = Path(box) / "chromium"
        pinned.write_text(_PINNED.format(cores=",".join(map(str, cores)), chromium=found.stdout.strip()))
        pinned.chmod(0o700)
        browser = playwright.chromium.launch(executable_path=pinned, args=list(_QUIET), chromium_sandbox=False)
        yield browser
        browser.close()


class Tab:
    """A page in a tab. Code runs in it by plain `Runtime.evaluate`, so that nothing of Playwright's is in the page."""

    def __init__(self, browsing: BrowserContext, url: str) -> None:
        self.browsing = browsing
        self.page = browsing.new_page()
        self.page.goto(url)
        self.cdp: CDPSession = browsing.new_cdp_session(self.page)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.page.close()

    def run(self, expression: str) -> Any:
        """The value of an expression, or what its promise resolves to. Raises `RuntimeError` where it throws."""
        answer = self.cdp.send(
            "Runtime.evaluate", {"expression": expression, "awaitPromise": True, "returnByValue": True}
        )
        if "exceptionDetails" in answer:
            thrown = answer["exceptionDetails"]
            raise RuntimeError(thrown.get("exception", {}).get("description", thrown["text"]))
        return answer["result"].get("value")

    def wait(self, seconds: float) -> None:
        """Let time pass; what the page says meanwhile is heard."""
        self.page.wait_for_timeout(seconds * 1_000)

    def find_renderer(self) -> int:
        """The process that renders this page: the one that works when the page does."""
        browser = self.browsing.browser
        assert browser is not None
        cdp = browser.new_browser_cdp_session()
        for _ in range(_TRIES):
            self.wait(_LULL_S)
            listed = cdp.send("SystemInfo.getProcessInfo")["processInfo"]
            before = _living({int(process["id"]) for process in listed if process["type"] == "renderer"})
            self.run(f"for (const from = performance.now(); performance.now() < from + {_BUSY_MS};);")
            worked = sorted((ms - before[pid], pid) for pid, ms in _living(before).items())
            (second_ms, _), (most_ms, pid) = [(0.0, 0), *worked][-2:]
            if most_ms > max(_LEAST_MS, 4 * second_ms):
                cdp.detach()
                return pid
        raise RuntimeError("the page's renderer can't be told: its core is busy with something else")


def _living(pids: Iterable[int]) -> dict[int, float]:
    """CPU time of the main threads of those that didn't end meanwhile."""
    living = {}
    for pid in pids:
        with suppress(FileNotFoundError, ProcessLookupError):
            living[pid] = main_thread_ms(pid)
    return living


def main_thread_ms(pid: int) -> float:
    """CPU time of a process's main thread so far, as the kernel's scheduler counts it, to the nanosecond."""
    return int(Path(f"/proc/{pid}/task/{pid}/schedstat").read_text().split()[0]) / 1e6


def cores() -> tuple[int, int]:
    """The core for Chromium and the one for all else; the same where there is but one."""
    usable = sorted(os.sched_getaffinity(0))
    return usable[0], usable[-1]


def wall_ms() -> float:
    """The clock that pages' `Date.now()` has too."""
    return time.time() * 1_000
