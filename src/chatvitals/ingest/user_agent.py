"""What a request's User-Agent says of browser, system and device, in the few words that figures are broken down by.

The browser SDK sends none of it: every request says it anyway. The header itself is not kept.
"""

import re
from functools import lru_cache

from chatvitals.catalogue.dimensions import Context

# Those that also call themselves Chrome or Safari stand before them.
_BROWSERS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("Edge", re.compile(r"Edg(?:A|iOS)?/(\d+)")),
    ("Opera", re.compile(r"(?:OPR|OPT)/(\d+)")),
    ("Samsung Internet", re.compile(r"SamsungBrowser/(\d+)")),
    ("Firefox", re.compile(r"(?:Firefox|FxiOS)/(\d+)")),
    ("Chrome", re.compile(r"(?:Chrome|CriOS|HeadlessChrome)/(\d+)")),
    ("Safari", re.compile(r"Version/(\d+)\S* (?:Mobile/\S+ )?Safari/")),
)

_SYSTEMS: tuple[tuple[str, str], ...] = (
    ("Windows", "Windows NT"),
    ("Android", "Android"),
    ("iOS", "iPhone"),
    ("iOS", "iPad"),
    ("ChromeOS", "CrOS"),
    ("macOS", "Mac OS X"),
    ("Linux", "Linux"),
)

_LONGEST = 1_000
"""Longer ones are no browser's, and are not looked at."""


def name_browser(context: Context, user_agent: bytes | None) -> None:
    """Fill in browser, os and device where the sender left them out and the header tells."""
    if user_agent is None or context.browser or len(user_agent) > _LONGEST:
        return
    browser, os, device = describe(user_agent)
    if browser is None:
        return
    context.browser = browser
    context.os = context.os or os
    context.device = context.device or device


@lru_cache(4_096)
def describe(user_agent: bytes) -> tuple[str | None, str | None, str | None]:
    """Browser with its major version, operating system, and class of device; None for what it doesn't tell."""
    text = user_agent.decode("latin-1")
    browser = next((f"{name} {found[1]}" for name, sign in _BROWSERS if (found := sign.search(text))), None)
    os = next((name for name, sign in _SYSTEMS if sign in text), None)
    if "iPad" in text or (os == "Android" and "Mobile" not in text):
        device = "tablet"
    else:
        device = "mobile" if "Mobile" in text else "desktop"
    return browser, os, device if os else None
