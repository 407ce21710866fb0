"""Who may read and change things: the holder of the API token, who signed in with it, in development this machine."""

import hmac
import re
import secrets
from collections.abc import Mapping
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from chatvitals.clock import Clock, system_clock
from chatvitals.errors import Forbidden, Unauthorised
from chatvitals.server.browser_sessions import BrowserSessions
from chatvitals.server.cross_site import SAFE_METHODS, origin_of, refuse_cross_site, refuse_foreign_origin
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
    """Checks one request. With no token (`serve --dev`) it checks that the request was meant for this machine.

    What a browser adds to a request by itself doesn't show that its user wants it. So whoever isn't known by the token
    may change something only from a page of this server.
    """

    def __init__(self, token: str | None, clock: Clock = system_clock, public_url: str = "") -> None:
        self._token = token
        self._public_origin = origin_of(public_url)
        self.sessions = BrowserSessions(token, clock) if token is not None else None
        """None where nobody has to sign in."""

    @property
    def signs_in(self) -> bool:
        """Whether people sign in, and so can sign out."""
        return self.sessions is not None

    def check(self, request: Request) -> None:
        """Raises Unauthorised or Forbidden."""
        if self._by_token(request.headers):
            return
        self._check_browser(request.headers)
        if request.method not in SAFE_METHODS:
            self.check_origin(request)

    def check_socket(self, headers: Mapping[str, str]) -> None:
        """The same for the handshake of a WebSocket: no browser asks a server before it lets any page open one.

        Raises Unauthorised or Forbidden.
        """
        if not self._by_token(headers):
            self._check_browser(headers)
            refuse_foreign_origin(headers, self._public_origin)

    def check_origin(self, request: Request) -> None:
        """Raises Forbidden for what a page of another site asks for, whoever is signed in."""
        refuse_cross_site(request.headers, self._public_origin)

    def is_token(self, given: str) -> bool:
        """Whether this is the token; takes as long whatever is given."""
        return self._token is not None and hmac.compare_digest(given.strip().encode(), self._token.encode())

    def renew(self, request: Request, response: Response) -> None:
        """Let the session of who asks last on, if they are signed in."""
        if self.sessions is not None:
            self.sessions.renew(request.headers, response)

    def _by_token(self, headers: Mapping[str, str]) -> bool:
        scheme, _, given = headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and self.is_token(given)

    def _check_browser(self, headers: Mapping[str, str]) -> None:
        if self.sessions is None:
            if not _LOCAL_HOST.fullmatch(headers.get("host", "")):  # another site's page, by a name that points here
                raise Forbidden("the development server answers only to localhost")
        elif not self.sessions.signed_in(headers):
            raise Unauthorised(
                f"send the API token as `Authorization: Bearer …`: it is in the data directory's file {TOKEN_FILE}"
            )
