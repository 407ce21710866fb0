import stat
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import Response

from chatvitals.errors import Forbidden, Unauthorised
from chatvitals.server.browser_sessions import PLAIN_COOKIE
from chatvitals.server.guard import TOKEN_FILE, Guard, api_token
from chatvitals.settings import Settings

NOW_MS = 1_790_000_000_000


def guard(token: str | None = "secret", public_url: str = "") -> Guard:
    return Guard(token, lambda: NOW_MS, public_url)


def request_with(method: str = "GET", **headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    return Request({"type": "http", "method": method, "headers": raw})


def session_of(token: str = "secret") -> str:
    """What the browser of somebody who signed in sends."""
    response = Response()
    sessions = guard(token).sessions
    assert sessions is not None
    sessions.begin(response, secure=False)
    return response.headers["set-cookie"].partition(";")[0]


@pytest.mark.parametrize("header", ["Bearer secret", "bearer secret", "BEARER  secret "])
def test_the_holder_of_the_token_may(header: str) -> None:
    guard().check(request_with(authorization=header))


@pytest.mark.parametrize(
    "header", ["", "secret", "Bearer", "Bearer ", "Bearer secrets", "Bearer Secret", "Basic secret", "Bearer \xe9"]
)
def test_nobody_else_may(header: str) -> None:
    with pytest.raises(Unauthorised):
        guard().check(request_with(authorization=header, host="localhost"))


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8000", "LOCALHOST:1", "127.0.0.1:8000", "127.1.2.3", "[::1]:8000"]
)
def test_in_development_this_machine_may(host: str) -> None:
    guard(None).check(request_with(host=host))


@pytest.mark.parametrize(
    "host", ["", "acme.example", "localhost.acme.example", "127.0.0.1.acme.example", "localhost:8000@x", "10.0.0.1"]
)
def test_in_development_a_page_that_made_its_name_point_here_may_not(host: str) -> None:
    with pytest.raises(Forbidden):
        guard(None).check(request_with(host=host))
    with pytest.raises(Forbidden):
        guard(None).check_socket(request_with(host=host, origin=f"http://{host}").headers)


def test_who_signed_in_may() -> None:
    guard().check(request_with(cookie=f"other=1; {session_of()}"))


@pytest.mark.parametrize("cookie", ["", f"{PLAIN_COOKIE}=", f"{PLAIN_COOKIE}=secret", session_of("an older token")])
def test_no_other_cookie_lets_in(cookie: str) -> None:
    with pytest.raises(Unauthorised):
        guard().check(request_with(cookie=cookie))


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize("token", ["secret", None])
def test_a_page_of_another_site_changes_nothing(method: str, token: str | None) -> None:
    known = {"host": "localhost:8000", "cookie": session_of()}
    of_others = [{"sec_fetch_site": site} for site in ("cross-site", "same-site")]
    of_others += [{"origin": origin} for origin in ("https://acme.example", "http://localhost:8090", "null")]
    for headers in of_others:
        with pytest.raises(Forbidden):
            guard(token).check(request_with(method, **known, **headers))
    for headers in ({"sec_fetch_site": "same-origin"}, {"origin": "http://localhost:8000"}, {}):
        guard(token).check(request_with(method, **known, **headers))


def test_a_link_on_another_site_opens_a_page() -> None:
    guard().check(request_with(cookie=session_of(), sec_fetch_site="cross-site"))


def test_who_shows_the_token_may_from_any_page() -> None:
    guard().check(request_with("POST", authorization="Bearer secret", origin="https://tools.acme.example"))


@pytest.mark.parametrize("token", ["secret", None])
def test_only_a_page_of_this_server_opens_a_socket(token: str | None) -> None:
    known = {"host": "localhost:8000", "cookie": session_of()}
    guard(token).check_socket(request_with(**known, origin="http://localhost:8000").headers)
    guard(token).check_socket(request_with(**known).headers)  # no browser
    for origin in ("http://localhost:8090", "https://acme.example", "null", ""):
        with pytest.raises(Forbidden):
            guard(token).check_socket(request_with(**known, origin=origin).headers)


def test_no_stranger_opens_a_socket() -> None:
    with pytest.raises(Unauthorised):
        guard().check_socket(request_with(host="localhost", origin="http://localhost").headers)
    guard().check_socket(request_with(authorization="Bearer secret").headers)


def test_behind_a_proxy_the_public_address_counts() -> None:
    behind = guard(public_url="https://Vitals.acme.example/monitoring")
    known = {"host": "10.0.0.5:8000", "cookie": session_of()}
    behind.check(request_with("POST", **known, origin="https://vitals.acme.example"))
    behind.check_socket(request_with(**known, origin="https://vitals.acme.example").headers)
    with pytest.raises(Forbidden):
        behind.check(request_with("POST", **known, origin="http://vitals.acme.example"))


def test_a_token_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    settings = Settings(data=str(tmp_path))
    token = api_token(settings)
    assert len(token) > 30
    assert api_token(settings) == token
    assert stat.S_IMODE((tmp_path / TOKEN_FILE).stat().st_mode) == 0o600
    other = tmp_path / "other"
    other.mkdir()
    assert api_token(Settings(data=str(other))) != token


def test_a_token_of_the_settings_is_taken(tmp_path: Path) -> None:
    assert api_token(Settings(data=str(tmp_path), api_token="mine")) == "mine"
    assert not (tmp_path / TOKEN_FILE).exists()
