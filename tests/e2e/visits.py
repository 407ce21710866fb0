"""Visits to a page that has the SDK on it."""

from playwright.sync_api import BrowserContext, Page, Request
from tests.support.server import WIDGET, Server, key_of


def visit(browsing: BrowserContext, host: str, server: Server, site: str, **options: object) -> Page:
    """A page of the host with the SDK started on it; its clock runs, and can be set forward."""
    page = browsing.new_page()
    page.clock.install()
    page.goto(host)
    page.add_script_tag(url=f"{server.url}/sdk/v1.js")
    page.evaluate(
        "(options) => { window.handle = chatvitals.init(options) }",
        {"endpoint": server.url + WIDGET, "key": key_of(site), "customer": "acme", "release": "1.0", **options},
    )
    return page


def watch(page: Page, server: Server) -> list[Request]:
    """The requests that the page sends to the server from now on."""
    seen: list[Request] = []
    page.on("request", lambda request: seen.append(request) if server.url in request.url else None)
    return seen


def renders(server: Server, site: str) -> int:
    kinds = server.figures(site)["coverage"]["kinds"]
    return int(kinds.get("render", {"n": 0})["n"])
