"""Telling what pages of this server ask for from what pages of other sites make browsers ask for.

A browser sends its cookies, and reaches this machine's ports, whichever page it is that asks. Since 2023 all browsers
say of each request where it comes from (Fetch Metadata, `Sec-Fetch-Site`); older ones, and all where there is no TLS,
name the origin of whatever isn't a plain GET. Programs say neither, and aren't made to ask by anybody's page.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

from chatvitals.errors import Forbidden

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


def refuse_cross_site(headers: Mapping[str, str], public_origin: str = "") -> None:
    """Raise Forbidden for a request that a page of another origin caused."""
    site = headers.get("sec-fetch-site")
    if site is None:
        refuse_foreign_origin(headers, public_origin)
    elif site not in ("same-origin", "none"):  # none: the address bar, a bookmark
        raise Forbidden("a page of another site asked for this: only pages of this server may")


def refuse_foreign_origin(headers: Mapping[str, str], public_origin: str = "") -> None:
    """Raise Forbidden unless the origin that a browser names, if it names one, is this server's.

    `public_origin` is how people reach it, should whatever stands before it change the `Host`.
    """
    origin = headers.get("origin")
    if origin is None or (public_origin and origin.lower() == public_origin):
        return
    if not _authority(origin) or _authority(origin) != headers.get("host", "").lower():
        raise Forbidden(
            f"a page of {origin[:100]!r} asked for this: only pages of this server may; behind a proxy that changes the"
            " Host header, say in the setting public_url under which address people open it"
        )


def origin_of(url: str) -> str:
    """Scheme and authority of a URL, as browsers name origins; empty for none."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower() if parts.netloc else ""


def _authority(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""
