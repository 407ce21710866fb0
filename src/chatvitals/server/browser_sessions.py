"""Being signed in: a cookie that says until when, signed with a key that follows from the API token.

Nothing is kept here, and the cookie holds no secret: a new token ends every session, and a restart none.
"""

import hmac
from collections.abc import Mapping

from starlette.requests import cookie_parser
from starlette.responses import Response

from chatvitals.clock import Clock

LASTS_S = 30 * 86_400
_RENEW_S = 86_400
"""A session that is used is made to last again, at most this often."""

SECURE_COOKIE, PLAIN_COOKIE = "__Host-chatvitals", "chatvitals"
"""Over TLS browsers keep the first from everybody else; without it they wouldn't take it at all."""


class BrowserSessions:
    """Makes and reads the cookies."""

    def __init__(self, token: str, clock: Clock) -> None:
        self._key = hmac.digest(token.encode(), b"chatvitals browser sessions", "sha256")
        self._clock = clock

    def begin(self, response: Response, *, secure: bool) -> None:
        """Let who gets this response be signed in from now on."""
        ends_s = self._clock() // 1_000 + LASTS_S
        response.set_cookie(
            SECURE_COOKIE if secure else PLAIN_COOKIE,
            f"{ends_s}.{self._signature(str(ends_s))}",
            max_age=LASTS_S,
            secure=secure,
            httponly=True,
            samesite="lax",  # a link in a mail opens the page that it names
        )

    def end(self, response: Response) -> None:
        """Let who gets this response forget that they were."""
        for name in (SECURE_COOKIE, PLAIN_COOKIE):
            response.delete_cookie(name, secure=name == SECURE_COOKIE, httponly=True, samesite="lax")

    def signed_in(self, headers: Mapping[str, str]) -> bool:
        """Whether a request comes with a session that is not over."""
        return bool(self._found(headers))

    def renew(self, headers: Mapping[str, str], response: Response) -> None:
        """Answer a request that belongs to a session, which by this goes on for its whole length."""
        for name, left_s in self._found(headers):
            if left_s < LASTS_S - _RENEW_S:
                self.begin(response, secure=name == SECURE_COOKIE)

    def _found(self, headers: Mapping[str, str]) -> list[tuple[str, int]]:
        """The good cookies of a request, and how many seconds each has left."""
        cookies = cookie_parser(headers.get("cookie", ""))
        left = [(name, self._left_s(cookies.get(name, ""))) for name in (SECURE_COOKIE, PLAIN_COOKIE)]
        return [(name, seconds) for name, seconds in left if seconds > 0]

    def _left_s(self, cookie: str) -> int:
        said, _, signature = cookie.partition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(said).encode()):
            return 0
        return int(said) - self._clock() // 1_000

    def _signature(self, said: str) -> str:
        return hmac.digest(self._key, said.encode(), "sha256").hex()
