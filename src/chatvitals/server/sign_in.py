"""`/dashboard/login` and `/dashboard/logout`: from the API token to a session of a browser, and back."""

import math
import re
from urllib.parse import parse_qsl, quote, urlsplit

import structlog
from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from chatvitals.errors import BadRequest, Forbidden, RequestError
from chatvitals.ingest.body import ClientGone, read_body
from chatvitals.server.attempts import Attempts
from chatvitals.server.guard import TOKEN_FILE, Guard
from chatvitals.server.security_headers import secure

log = structlog.get_logger()

LOGIN, LOGOUT = "/dashboard/login", "/dashboard/logout"
START = "/dashboard/performance"

_MAX_FORM_BYTES = 8_192
_FORM_TIMEOUT_S = 10.0
_OWN_PATH = re.compile(r"/dashboard(?:[/?][!-\[\]-~]{0,4000})?")
"""Pages of ours, in visible ASCII without the backslash, which browsers read as a slash."""


class SignIn:
    """Lets the holders of the token in. Where there is no token, everybody is."""

    def __init__(self, guard: Guard, templates: Environment) -> None:
        self._guard = guard
        self._form = templates.get_template("login.html")
        self._attempts = Attempts()

    def routes(self) -> list[BaseRoute]:
        """For the router."""
        return [
            Route(LOGIN, self._show, methods=["GET"]),
            Route(LOGIN, self._sign_in, methods=["POST"]),
            Route(LOGOUT, self._sign_out, methods=["POST"]),
        ]

    def ask(self, request: Request) -> Response:
        """The answer to a request for a page, or on one, of who isn't signed in: sign in, and come back."""
        script = request.headers.get("hx-request") == "true"
        page = request.headers.get("hx-current-url", "") if script else _as_asked(request)
        to = f"{LOGIN}?next={quote(_path_of(page), safe='')}"
        if script:  # it would follow a redirection by itself, and put the form into the page
            return secure(Response(status_code=401, headers={"hx-redirect": to, "cache-control": "no-store"}))
        return secure(RedirectResponse(to, status_code=303, headers={"cache-control": "no-store"}))

    async def _show(self, request: Request) -> Response:
        to = own_path(request.query_params.get("next", ""))
        sessions = self._guard.sessions
        if sessions is None or sessions.signed_in(request.headers):
            return secure(RedirectResponse(to, status_code=303))
        return self._answer(to)

    async def _sign_in(self, request: Request) -> Response:
        to = START
        try:
            self._guard.check_origin(request)
            fields = await _read_fields(request)
            to = own_path(fields.get("next", ""))
            return self._enter(request, fields.get("token", ""), to)
        except _TooOften as error:
            return self._answer(to, str(error), error.status, {"retry-after": str(error.wait_s)})
        except RequestError as error:
            return self._answer(to, str(error), error.status)
        except ClientGone:
            return Response(status_code=499)

    def _enter(self, request: Request, token: str, to: str) -> Response:
        sessions, address = self._guard.sessions, request.client.host if request.client else ""
        response = secure(RedirectResponse(to, status_code=303, headers={"cache-control": "no-store"}))
        if sessions is None:
            return response
        wait_s = math.ceil(self._attempts.wait_s(address))
        if wait_s:
            raise _TooOften(wait_s)
        if not self._guard.is_token(token):
            self._attempts.failed(address)
            log.warning("somebody tried to sign in with a wrong token")
            raise Forbidden(
                "This is not the API token. It is in the setting api_token, or else in the file"
                f" {TOKEN_FILE} of the data directory."
            )
        sessions.begin(response, secure=request.headers.get("origin", "").startswith("https:"))
        return response

    async def _sign_out(self, request: Request) -> Response:
        try:
            self._guard.check_origin(request)
        except Forbidden as error:
            return self._answer(START, str(error), error.status)
        response = secure(RedirectResponse(LOGIN, status_code=303, headers={"cache-control": "no-store"}))
        if self._guard.sessions is not None:
            self._guard.sessions.end(response)
        return response

    def _answer(self, to: str, problem: str = "", status: int = 200, headers: dict[str, str] | None = None) -> Response:
        html = self._form.render(next=to, problem=problem, token_file=TOKEN_FILE)
        answer = Response(html, status, {"cache-control": "no-store", **(headers or {})}, "text/html")
        return secure(answer)


class _TooOften(RequestError):
    status, reason, title = 429, "too_many_attempts", "Too many attempts"

    def __init__(self, wait_s: int) -> None:
        super().__init__(f"Too many wrong tokens came from your address. Try again in {wait_s} s.")
        self.wait_s = wait_s


def own_path(asked: str) -> str:
    """Where to go after signing in: a page of ours, or the first one. Nobody is led elsewhere by a link to the form."""
    return asked if _OWN_PATH.fullmatch(asked) else START


def _as_asked(request: Request) -> str:
    """Path and query as they were sent: a name in the path may hold anything, escaped."""
    path, query = request.scope["raw_path"].decode("latin-1"), request.scope["query_string"].decode("latin-1")
    return f"{path}?{query}" if query else path


def _path_of(url: str) -> str:
    """Path and query of a page's address, the first page's where it is none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return START
    return own_path(f"{parts.path}?{parts.query}" if parts.query else parts.path)


async def _read_fields(request: Request) -> dict[str, str]:
    body = await read_body(request.receive, _MAX_FORM_BYTES, _FORM_TIMEOUT_S)
    try:
        return dict(parse_qsl(body.decode("latin-1"), encoding="utf-8", errors="replace", max_num_fields=20))
    except ValueError as error:
        raise BadRequest(f"the form can't be read: {error}") from error
