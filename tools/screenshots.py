"""Take the pictures of the dashboard that the documentation shows: `make screenshots`.

A server of its own with two hours of a simulated fleet, in which a release lost conversations in one browser and the
backend was slow for a while; then real pages in a real Chromium.
"""

import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import msgspec
from playwright.sync_api import Page, ViewportSize, expect, sync_playwright

ROOT = Path(__file__).parent.parent
IMAGES = ROOT / "docs" / "images"
_FAULTS = (
    "loss-quota,at=1s,for=60s,share=0.3",
    "slow-api,at=-40m,for=12m,share=0.6",
    "slow-render,at=-25m,for=10m,share=0.5",
)
_LIVE_S = 20
_PATIENCE_MS = 60_000

_CALM = re.compile("live|still")
_PHONE: ViewportSize = {"width": 390, "height": 844}
_DESK: ViewportSize = {"width": 1440, "height": 900}
_SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@contextmanager
def _server() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="chatvitals-shots-") as data:
        words = [sys.executable, "-m", "chatvitals", "serve", "--dev", "--port", "0", "--data", data]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
            try:
                assert process.stdout is not None
                yield process.stdout.readline().split()[3]
            finally:
                process.terminate()


@contextmanager
def _fleet(url: str) -> Iterator[None]:
    faults = [word for fault in _FAULTS for word in ("--fault", fault)]
    words = [sys.executable, "-m", "chatvitals", "simulate", "--url", url, "--backfill", "2h", "--rate", "25", *faults]
    with subprocess.Popen(words) as process:
        try:
            yield
        finally:
            process.terminate()


def _answer(url: str) -> dict[str, object]:
    with urllib.request.urlopen(url, timeout=60) as answer:
        decoded: dict[str, object] = msgspec.json.decode(answer.read())
        return decoded


def _wait_for_alert(url: str) -> None:
    deadline = time.monotonic() + 3 * _PATIENCE_MS / 1_000
    while not _answer(f"{url}/api/monitoring/alerts?status=open")["incidents"]:
        if time.monotonic() > deadline:
            raise TimeoutError("no alert came")
        time.sleep(1)
    time.sleep(_LIVE_S)


def _take(page: Page, name: str) -> None:
    expect(page.locator(".waiting")).to_have_count(0, timeout=_PATIENCE_MS)
    expect(page.locator("#connection")).to_have_attribute("data-state", _CALM, timeout=_PATIENCE_MS)
    page.mouse.move(0, 0)
    page.screenshot(path=IMAGES / f"{name}.png")
    print(IMAGES / f"{name}.png")


def main() -> None:
    """Take them all."""
    IMAGES.mkdir(exist_ok=True)
    found = subprocess.run([ROOT / "tools" / "bring_chromium.sh"], stdout=subprocess.PIPE, text=True, check=True)
    with _server() as url, _fleet(url), sync_playwright() as playwright:
        _wait_for_alert(url)
        browser = playwright.chromium.launch(executable_path=found.stdout.strip(), chromium_sandbox=False)
        for scheme in _SCHEMES:
            context = browser.new_context(viewport=_DESK, color_scheme=scheme, reduced_motion="reduce")
            page = context.new_page()
            page.goto(f"{url}/dashboard/performance")
            _take(page, f"performance-{scheme}")
            context.close()
        page = browser.new_page(viewport=_DESK, reduced_motion="reduce")
        for name, path in (
            ("metric", "/dashboard/metrics/performance.renders.p95Time?compare=before"),
            ("customers", "/dashboard/customers"),
            ("sessions", "/dashboard/sessions?wrong=loss"),
            ("boot", "/dashboard/boot"),
        ):
            page.goto(url + path)
            _take(page, name)
        page.goto(f"{url}/dashboard/sessions?wrong=loss")
        page.locator("main tbody a").first.click()
        page.wait_for_url("**/dashboard/sessions/*")
        _take(page, "session")
        page.set_viewport_size(_PHONE)
        page.goto(f"{url}/dashboard/performance")
        _take(page, "phone")
        browser.close()


if __name__ == "__main__":
    main()
