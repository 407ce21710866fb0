import stat
from pathlib import Path

import pytest
from starlette.requests import Request

from chatvitals.errors import Forbidden, Unauthorised
from chatvitals.server.guard import TOKEN_FILE, Guard, api_token
from chatvitals.settings import Settings


def request_with(**headers: str) -> Request:
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    return Request({"type": "http", "headers": raw})


@pytest.mark.parametrize("header", ["Bearer secret", "bearer secret", "BEARER  secret "])
def test_the_holder_of_the_token_may(header: str) -> None:
    Guard("secret").check(request_with(authorization=header))


@pytest.mark.parametrize(
    "header", ["", "secret", "Bearer", "Bearer ", "Bearer secrets", "Bearer Secret", "Basic secret", "Bearer \xe9"]
)
def test_nobody_else_may(header: str) -> None:
    with pytest.raises(Unauthorised):
        Guard("secret").check(request_with(authorization=header, host="localhost"))


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8000", "LOCALHOST:1", "127.0.0.1:8000", "127.1.2.3", "[::1]:8000"]
)
def test_in_development_this_machine_may(host: str) -> None:
    Guard(None).check(request_with(host=host))


@pytest.mark.parametrize(
    "host", ["", "acme.example", "localhost.acme.example", "127.0.0.1.acme.example", "localhost:8000@x", "10.0.0.1"]
)
def test_in_development_a_page_that_made_its_name_point_here_may_not(host: str) -> None:
    with pytest.raises(Forbidden):
        Guard(None).check(request_with(host=host))


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
