"""The browser SDK, for any page: `/sdk/v1.js`."""

import gzip
from hashlib import blake2b
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response

from chatvitals.errors import NotFound
from chatvitals.server.api.routes import ApiRoute

_HEADERS = {
    "cache-control": "public, max-age=3600, stale-while-revalidate=86400",
    "access-control-allow-origin": "*",
    "timing-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
    "vary": "accept-encoding",
}


class SdkScript:
    """Serves the script as it was built, held in memory, packed once."""

    def __init__(self) -> None:
        file = files("chatvitals.server") / "static" / "dist" / "sdk" / "v1.js"
        self._script = file.read_bytes() if file.is_file() else b""
        self._packed = gzip.compress(self._script, mtime=0)
        self._etag = f'W/"{blake2b(self._script, digest_size=8).hexdigest()}"'

    def routes(self) -> list[ApiRoute]:
        """The routes that are answered here."""
        return [
            ApiRoute(
                "GET",
                "/sdk/v1.js",
                "The browser SDK, for a script tag",
                self.script,
                media_types=("text/javascript",),
                open=True,
            )
        ]

    async def script(self, request: Request) -> Response:
        """`GET /sdk/v1.js`. The address stays; what changes a widget's code needs another one."""
        if not self._script:
            raise NotFound("this installation was made without the browser SDK: `make setup` builds it")
        headers = {**_HEADERS, "etag": self._etag}
        if request.headers.get("if-none-match") == self._etag:
            return Response(status_code=304, headers=headers)
        body = self._script
        if "gzip" in request.headers.get("accept-encoding", ""):
            body = self._packed
            headers["content-encoding"] = "gzip"
        return Response(body, headers=headers, media_type="text/javascript")
