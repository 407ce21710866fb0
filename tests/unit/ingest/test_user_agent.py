"""Browser, system and device from what browsers call themselves."""

import pytest

from chatvitals.catalogue.dimensions import Context
from chatvitals.ingest.user_agent import describe, name_browser

_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
_CHROME = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_WEBKIT} Chrome/150.0.0.0 Safari/537.36"


@pytest.mark.parametrize(
    ("user_agent", "told"),
    [
        (_CHROME, ("Chrome 150", "Windows", "desktop")),
        (f"{_CHROME} Edg/150.0.0.0", ("Edge 150", "Windows", "desktop")),
        (f"{_CHROME} OPR/120.0.0.0", ("Opera 120", "Windows", "desktop")),
        (
            f"Mozilla/5.0 (X11; Linux x86_64) {_WEBKIT} HeadlessChrome/150.0.0.0 Safari/537.36",
            ("Chrome 150", "Linux", "desktop"),
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
            ("Firefox 145", "Linux", "desktop"),
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
            " Version/26.1 Safari/605.1.15",
            ("Safari 26", "macOS", "desktop"),
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
            " Version/26.1 Mobile/15E148 Safari/604.1",
            ("Safari 26", "iOS", "mobile"),
        ),
        (
            f"Mozilla/5.0 (Linux; Android 10; K) {_WEBKIT} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36",
            ("Samsung Internet 28", "Android", "mobile"),
        ),
        (
            f"Mozilla/5.0 (Linux; Android 10; K) {_WEBKIT} Chrome/150.0.0.0 Safari/537.36",
            ("Chrome 150", "Android", "tablet"),
        ),
        ("python-httpx2/2.10", (None, None, None)),
        ("", (None, None, None)),
    ],
)
def test_what_a_user_agent_tells(user_agent: str, told: tuple[str | None, str | None, str | None]) -> None:
    assert describe(user_agent.encode()) == told


def test_what_the_sender_says_stands() -> None:
    context = Context(browser="Chrome 1")
    name_browser(context, _CHROME.encode())
    assert (context.browser, context.os) == ("Chrome 1", None)


def test_what_is_left_out_is_filled_in() -> None:
    context = Context(device="kiosk")
    name_browser(context, _CHROME.encode())
    assert (context.browser, context.os, context.device) == ("Chrome 150", "Windows", "kiosk")


@pytest.mark.parametrize("user_agent", [None, b"curl/8.0", (_CHROME + "x" * 2_000).encode()])
def test_what_is_no_browser_tells_nothing(user_agent: bytes | None) -> None:
    context = Context()
    name_browser(context, user_agent)
    assert context == Context()
