"""Who may read and import: in development whoever is on this machine, otherwise the holder of the API token."""

import hmac
import re
import secrets
from pathlib import Path

from starlette.requests import Request

from chatvitals.errors import Forbidden, Unauthorised
from chatvitals.settings import Settings

TOKEN_FILE = "api-token"
_LOCAL_HOST = re.compile(r"(?i)(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?")


def api_token(settings: Settings) -> str:
    """The token of the settings, or the one kept in the data directory, made at the first start."""
    if settings.api_token:
        return settings.api_token
    file = Path(settings.data) / TOKEN_FILE
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(f"cvt_{secrets.token_urlsafe(32)}\n")
    return file.read_text().strip()


class Guard:
    """Checks one request. With no token (`serve --dev`) it checks that the request was meant for this machine."""

    def __init__(self, token: str | None) -> None:
        self._token = token

    def check(self, request: Request) -> None:
        """Raises Unauthorised or Forbidden."""
        if self._token is None:
            if not _LOCAL_HOST.fullmatch(
                request.headers.get("host", "")
            ):  # a page of another site, by a name that it made point here
                raise Forbidden("the development server answers only to localhost")
            return
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), self._token.encode()):
            raise Unauthorised(
                f"send the API token as `Authorization: Bearer …`: it is in the data directory's file {TOKEN_FILE}"
            )
