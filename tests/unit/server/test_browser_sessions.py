from http.cookies import SimpleCookie

import pytest
from starlette.responses import Response

from chatvitals.server.browser_sessions import LASTS_S, PLAIN_COOKIE, SECURE_COOKIE, BrowserSessions

TOKEN = "cvt_a-token"
DAY_S = 86_400


class World:
    """A server and one browser that keeps its cookies, at a time that is set."""

    def __init__(self, token: str = TOKEN) -> None:
        self.now_s = 1_790_000_000
        self.sessions = BrowserSessions(token, lambda: self.now_s * 1_000)
        self.cookies: SimpleCookie = SimpleCookie()

    @property
    def headers(self) -> dict[str, str]:
        return {"cookie": "; ".join(f"{name}={one.value}" for name, one in self.cookies.items())}

    def signed_in(self) -> bool:
        return self.sessions.signed_in(self.headers)

    def begin(self, *, secure: bool = False) -> None:
        response = Response()
        self.sessions.begin(response, secure=secure)
        self.take(response)

    def visit(self) -> list[str]:
        """Look at a page; returns the names of the cookies that came with it."""
        response = Response()
        self.sessions.renew(self.headers, response)
        return self.take(response)

    def take(self, response: Response) -> list[str]:
        came = SimpleCookie(response.headers.get("set-cookie", ""))
        self.cookies.update(came)
        return list(came)


def test_a_session_lasts_for_thirty_days() -> None:
    world = World()
    assert not world.signed_in()
    world.begin()
    world.now_s += LASTS_S - 1
    assert world.signed_in()
    world.now_s += 1
    assert not world.signed_in()


def test_a_session_that_is_used_goes_on() -> None:
    world = World()
    world.begin()
    for _ in range(20):
        world.now_s += 5 * DAY_S
        assert world.visit() == [PLAIN_COOKIE]
        assert world.signed_in()


def test_it_is_made_to_last_once_a_day() -> None:
    world = World()
    world.begin()
    world.now_s += DAY_S
    assert world.visit() == []
    world.now_s += 1
    assert world.visit() == [PLAIN_COOKIE]
    assert world.visit() == []


def test_what_is_over_is_not_renewed() -> None:
    world = World()
    world.begin()
    world.now_s += LASTS_S
    assert world.visit() == []
    assert not world.signed_in()


@pytest.mark.parametrize(("secure", "name"), [(True, SECURE_COOKIE), (False, PLAIN_COOKIE)])
def test_the_cookie_is_as_closed_as_it_can_be(secure: bool, name: str) -> None:
    world = World()
    world.begin(secure=secure)
    assert list(world.cookies) == [name]
    cookie = world.cookies[name]
    assert cookie["httponly"]
    assert cookie["samesite"] == "lax"
    assert cookie["path"] == "/"
    assert not cookie["domain"]
    assert bool(cookie["secure"]) is secure
    assert int(cookie["max-age"]) == LASTS_S
    assert TOKEN not in cookie.value
    assert world.signed_in()


def test_a_secure_session_stays_one() -> None:
    world = World()
    world.begin(secure=True)
    world.now_s += 2 * DAY_S
    assert world.visit() == [SECURE_COOKIE]


def test_a_new_token_ends_every_session() -> None:
    world, other = World(), World("cvt_another")
    world.begin()
    assert not other.sessions.signed_in(world.headers)


def test_a_restart_ends_none() -> None:
    world = World()
    world.begin()
    assert World().sessions.signed_in(world.headers)


def test_forged_cookies_are_worth_nothing() -> None:
    world = World()
    world.begin()
    ends, _, signature = world.cookies[PLAIN_COOKIE].value.partition(".")
    forged = [
        "",
        ".",
        ends,
        f"{ends}.",
        f".{signature}",
        f"{int(ends) + DAY_S}.{signature}",
        f"{ends}.{signature[:-1]}",
        f"{ends}.{signature.upper()}",
        f"{ends}.{signature}.{signature}",
        f"0{ends}.{signature}",
        f"{ends}.{'0' * 64}",
        f"{ends}.\xe9",
        "9" * 5_000 + "." + signature,
    ]
    for value in forged:
        assert not world.sessions.signed_in({"cookie": f"{PLAIN_COOKIE}={value}"}), value
    assert world.sessions.signed_in({"cookie": f"{PLAIN_COOKIE}={ends}.{signature}"})


def test_the_end_takes_both_cookies_away() -> None:
    response = Response()
    World().sessions.end(response)
    sent = [value.decode() for name, value in response.raw_headers if name == b"set-cookie"]
    assert [cookie.partition("=")[0] for cookie in sent] == [SECURE_COOKIE, PLAIN_COOKIE]
    assert all("Max-Age=0" in cookie for cookie in sent)
    assert "Secure" in sent[0]  # browsers ignore the other's removal otherwise
