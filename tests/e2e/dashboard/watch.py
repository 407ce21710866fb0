"""A page of the dashboard that is watched: whatever it says on the console, and what its policy refuses, is kept.

The pages' policy forbids what Playwright's `wait_for_function` does: locators are waited for instead.
"""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Self

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Response, expect

ROOT = Path(__file__).parent.parent.parent.parent

PATIENCE_MS = 30_000

_REPORT = """
addEventListener("securitypolicyviolation", ({ blockedURI, violatedDirective, sample }) =>
  console.error(`policy: ${violatedDirective} ${blockedURI} ${sample}`));
"""


@cache
def _axe() -> str:
    return (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text()


@dataclass
class Watched:
    """`complaints` must stay empty."""

    page: Page
    base: str
    complaints: list[str] = field(default_factory=list)

    @classmethod
    def open(cls, browsing: BrowserContext, base: str) -> Self:
        """A new tab."""
        watched = cls(browsing.new_page(), base)
        watched.page.add_init_script(_REPORT)
        watched.page.on("console", watched._hear)
        watched.page.on("pageerror", lambda error: watched.complaints.append(str(error)))
        return watched

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    def goto(self, path: str) -> Response:
        """Go to a page, and wait until it is whole."""
        response = self.page.goto(self.base + path)
        assert response is not None
        self.settle()
        return response

    def settle(self) -> None:
        """Wait until nothing is loading any more."""
        expect(self.page.locator(".waiting, .htmx-request")).to_have_count(0, timeout=PATIENCE_MS)

    def axe(self) -> list[str]:
        """What axe-core finds against WCAG 2.2 A and AA, and its best practices."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(_axe())
        found: dict[str, Any] = self.page.evaluate(
            """() => axe.run(document, {
              runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
              resultTypes: ["violations"],
            })"""
        )
        return [
            f"{violation['id']}: {violation['help']}: {node['target']} {node['html'][:120]}"
            for violation in found["violations"]
            for node in violation["nodes"][:3]
        ]

    def overflow(self) -> int:
        """How many pixels the page is wider than the window, once it was painted in it."""
        self.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        return int(self.page.evaluate("document.documentElement.scrollWidth - innerWidth"))

    def wait_for_state(self, state: str) -> None:
        """Wait until the page says this of its connection."""
        self.page.wait_for_function(
            "(state) => document.getElementById('connection').dataset.state === state", arg=state
        )
