"""The shop's pages, with the widget's stub on them and under a content security policy that trusts nobody else."""

from dataclasses import dataclass
from html import escape
from pathlib import Path
from secrets import token_urlsafe
from string import Template
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse

_HERE = Path(__file__).parent
_STUB = (_HERE.parent.parent / "sdk" / "dist" / "stub.js").read_text()
WIDGET = "/widget/widget.js"


@dataclass(frozen=True)
class Embedding:
    """How the shop embeds the widget: where that sends events, if anywhere, and under which names."""

    endpoint: str
    key: str
    customer: str = "fjellbu"
    release: str = "1.4.0"


def shop_page(request: Request, name: str, embedding: Embedding) -> HTMLResponse:
    """One page of the shop. What stands in the query goes on to the next page, to try the widget's variants."""
    nonce = token_urlsafe(16)
    stub = (
        _STUB.replace('"SRC"', f'"{WIDGET}"')
        .replace('"ENDPOINT"', f'"{embedding.endpoint}"')
        .replace('"KEY"', f'"{embedding.key}"')
    )
    values = {
        "endpoint": embedding.endpoint,
        "key": embedding.key,
        "customer": embedding.customer,
        "release": embedding.release,
        "query": f"?{request.url.query}" if request.url.query else "",
    }
    page = Template((_HERE / "host" / f"{name}.html").read_text()).substitute(
        {name: escape(value) for name, value in values.items()}, nonce=nonce, stub=stub
    )
    return HTMLResponse(page, headers={"Content-Security-Policy": _policy(request, nonce, embedding.endpoint)})


def _policy(request: Request, nonce: str, endpoint: str) -> str:
    parts = urlsplit(endpoint)
    vitals = f" {parts.scheme}://{parts.netloc}" if endpoint else ""
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src 'self' 'nonce-{nonce}'",
            "style-src 'self'",
            "img-src 'self' data:",
            f"connect-src 'self' ws://{request.url.netloc}{vitals}",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
