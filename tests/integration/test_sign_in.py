"""Browsers and a real server: who is signed in sees pages, nobody else does, and no page of another site acts."""

import asyncio
from collections.abc import Iterator
from urllib.parse import quote, unquote

import httpx2
import pytest
from tests.support.server import Server, make_sites
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

LOGIN = "/dashboard/login"
PAGE = "/dashboard/system"
SITE = "a-site-that-nobody-else-should-know"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("guarded") / "data"
    make_sites(data, [SITE])
    with Server(data, dev=False) as server:
        yield server


@pytest.fixture
def browser(guarded: Server) -> Iterator[httpx2.Client]:
    """One that keeps cookies, follows nothing by itself, and says where its requests come from."""
    headers = {"sec-fetch-site": "same-origin", "origin": guarded.url}
    with httpx2.Client(base_url=guarded.url, headers=headers, trust_env=False, timeout=60) as client:
        yield client


def sign_in(browser: httpx2.Client, token: str, **fields: str) -> httpx2.Response:
    return browser.post(LOGIN, data={"token": token, **fields})


def test_pages_lead_to_the_form_and_back(guarded: Server, browser: httpx2.Client) -> None:
    away = browser.get(f"{PAGE}?window=300000")
    assert away.status_code == 303
    assert away.headers["location"] == f"{LOGIN}?next=%2Fdashboard%2Fsystem%3Fwindow%3D300000"
    assert "Sign in" in browser.get(away.headers["location"]).text
    entered = sign_in(browser, guarded.token, next=f"{PAGE}?window=300000")
    assert (entered.status_code, entered.headers["location"]) == (303, f"{PAGE}?window=300000")
    page = browser.get(entered.headers["location"])
    assert page.status_code == 200
    assert "Sign out" in page.text


@pytest.mark.parametrize("name", ["a b", "ä", "100%", "a/b", "why?", "#1"])
def test_a_page_of_a_name_is_found_again(guarded: Server, browser: httpx2.Client, name: str) -> None:
    page = f"/dashboard/customers/{quote(name, safe='')}"
    away = browser.get(page)
    entered = sign_in(browser, guarded.token, next=unquote(away.headers["location"].partition("next=")[2]))
    assert entered.headers["location"] == page


def test_the_api_answers_the_session_too_and_others_as_before(guarded: Server, browser: httpx2.Client) -> None:
    refused = browser.get("/api/monitoring/widget")
    assert refused.status_code == 401
    assert refused.headers["content-type"] == "application/problem+json"
    sign_in(browser, guarded.token)
    assert browser.get("/api/monitoring/widget").status_code == 200
    assert guarded.get("/api/monitoring/widget")["health"]


def test_strangers_see_nothing_of_what_there_is(browser: httpx2.Client) -> None:
    for path in (PAGE, LOGIN, "/dashboard/performance", "/dashboard/nowhere", "/dashboard/metrics/x/csv"):
        answer = browser.get(path)
        assert SITE not in answer.text
        assert answer.status_code in (200, 303)
    assert browser.get("/").headers["location"] == "/dashboard/performance"


def test_a_page_of_another_site_does_nothing_with_the_session(guarded: Server, browser: httpx2.Client) -> None:
    sign_in(browser, guarded.token)
    made = {"name": "made-by-another-site"}
    for headers in ({"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}):
        answer = browser.post("/dashboard/setup/sites", data=made, headers=headers)
        assert answer.status_code == 403
        assert browser.post("/dashboard/logout", headers=headers).status_code == 403
    assert made["name"] not in browser.get("/dashboard/setup").text
    assert browser.post("/dashboard/setup/sites", data=made).status_code == 303
    assert made["name"] in browser.get("/dashboard/setup").text


def test_in_development_no_page_of_another_site_does_anything(server: Server) -> None:
    made = {"name": "made-by-another-site"}
    for origin in ("https://acme.example", "http://localhost:1", "null"):
        answer = server.client.post("/dashboard/setup/sites", data=made, headers={"origin": origin})
        assert answer.status_code == 403
        assert "only pages of this server may" in answer.text


@pytest.mark.parametrize("host", ["acme.example", "[", "localhost:8000@acme.example", "a b"])
def test_in_development_another_name_shows_nothing(server: Server, host: str) -> None:
    for path in ("/dashboard/system", "/dashboard/nowhere"):
        answer = server.client.get(path, headers={"host": host})
        assert answer.status_code == 403
        assert "answers only to localhost" in answer.text
        assert "site-1" not in answer.text


def test_nobody_else_s_page_opens_a_socket(guarded: Server, browser: httpx2.Client) -> None:
    sign_in(browser, guarded.token)
    cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    address = guarded.url.replace("http", "ws", 1) + "/api/monitoring/live"

    async def opens(**headers: str) -> bool:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            async with connect(address, additional_headers=given, proxy=None) as socket:
                await socket.recv()
        except InvalidStatus:
            return False
        return True

    async def tried() -> list[bool]:
        return [
            await opens(cookie=cookie, origin=guarded.url),
            await opens(authorization=f"Bearer {guarded.token}"),
            await opens(cookie=cookie, origin="https://acme.example"),
            await opens(origin=guarded.url),
        ]

    assert asyncio.run(tried()) == [True, True, False, False]


def test_a_new_token_ends_the_session(tmp_path_factory: pytest.TempPathFactory) -> None:
    data = tmp_path_factory.mktemp("renewed") / "data"
    with Server(data, dev=False) as server, httpx2.Client(base_url=server.url, trust_env=False) as client:
        sign_in(client, server.token)
        cookies = dict(client.cookies)
        assert client.get(PAGE).status_code == 200
        assert server.terminate() == 0
        (data / "api-token").write_text("cvt_another\n")
        server.start()
        answer = httpx2.get(f"{server.url}{PAGE}", cookies=cookies, trust_env=False)
        assert (answer.status_code, answer.headers["location"][: len(LOGIN)]) == (303, LOGIN)


def test_what_is_not_there_is_said_on_a_page(server: Server) -> None:
    answer = server.client.get("/dashboard/nowhere")
    assert answer.status_code == 404
    assert "<h1>Not found</h1>" in answer.text
    assert "Go to the main page" in answer.text
    assert server.client.get("/dashboard/static/nothing.js").status_code == 404


def test_a_bad_filter_is_said_with_a_link_that_drops_it(server: Server) -> None:
    answer = server.client.get("/dashboard/performance", params={"window": "<b>", "customer": "acme"})
    assert answer.status_code == 400
    assert "<b>" not in answer.text
    assert 'href="/dashboard/performance?customer=acme"' in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
