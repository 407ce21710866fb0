"""Visits to a page that has the SDK on it."""

from playwright.sync_api import BrowserContext, Frame, Page, Request
from tests.support.server import WIDGET, Json, Server, key_of, wait_until


def visit(browsing: BrowserContext, host: str, server: Server, site: str, **options: object) -> Page:
    """A page of the host with the SDK started on it; its clock runs, and can be set forward.

    With `clock=False` it has no such clock, and its frames are the browser's own.
    """
    page = browsing.new_page()
    if options.pop("clock", True):
        page.clock.install()
    page.goto(host)
    start(page, server, site, **options)
    return page


def start(page: Page | Frame, server: Server, site: str, **options: object) -> None:
    """Start the SDK on a page that is open, or in a frame."""
    page.add_script_tag(url=f"{server.url}/sdk/v1.js")
    page.evaluate(
        "(options) => { window.handle = chatvitals.init(options) }",
        {"endpoint": server.url + WIDGET, "key": key_of(site), "customer": "acme", "release": "1.0", **options},
    )


def watch(page: Page, server: Server) -> list[Request]:
    """The requests that the page sends to the server from now on."""
    seen: list[Request] = []
    page.on("request", lambda request: seen.append(request) if server.url in request.url else None)
    return seen


def renders(server: Server, site: str) -> int:
    kinds = server.figures(site)["coverage"]["kinds"]
    return int(kinds.get("render", {"n": 0})["n"])


def told(server: Server, site: str, kind: str, count: int = 1) -> list[Json]:
    """The events of a kind that the server has of a site, in their order, once there are so many."""

    def events() -> list[Json]:
        found = [event for event in server.export(site) if event["kind"] == kind]
        return found if len(found) >= count else []

    found: list[Json] = wait_until(events, f"{count} {kind} of {site} are in the store", pause_s=0.1)
    assert len(found) == count, found
    return sorted(found, key=lambda event: event["seq"])


def sent(page: Page, server: Server, site: str, kind: str, count: int = 1) -> list[Json]:
    """What the page recorded of a kind until now: exactly so many events."""
    page.evaluate("handle.trackLoss({conversationId: 'the end', lost: 1, hop: 'sync'}); handle.flush()")
    told(server, site, "loss")
    return told(server, site, kind, count)


def unsent(page: Page, server: Server, site: str, kind: str) -> None:
    """Hold that the page recorded nothing of a kind until now."""
    page.evaluate("handle.trackLoss({conversationId: 'the end', lost: 1, hop: 'sync'}); handle.flush()")
    told(server, site, "loss")
    found = [event for event in server.export(site) if event["kind"] == kind]
    assert found == []
