import re
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from chatvitals.errors import Unauthorised
from chatvitals.server.guard import Guard
from chatvitals.server.sign_in import LOGIN, LOGOUT, START, SignIn, own_path

TOKEN = "cvt_a-token"
NOW_MS = 1_790_000_000_000


def application(token: str | None) -> Starlette:
    """The form, and one page behind it."""
    guard = Guard(token, lambda: NOW_MS)
    templates = Environment(
        loader=PackageLoader("chatvitals.dashboard"),
        autoescape=True,
        undefined=StrictUndefined,
    )
    templates.globals["asset"] = "/dashboard/static/{}".format
    sign_in = SignIn(guard, templates)

    async def page(request: Request) -> Response:
        try:
            guard.check(request)
        except Unauthorised:
            return sign_in.ask(request)
        return Response("the page")

    return Starlette(routes=[*sign_in.routes(), Route("/dashboard/{name}", page, methods=["GET", "POST"])])


@pytest.fixture
async def browser() -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(application(TOKEN))
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


async def enter(browser: httpx2.AsyncClient, token: str = TOKEN, **fields: str) -> httpx2.Response:
    return await browser.post(LOGIN, data={"token": token, **fields}, headers={"origin": "http://localhost"})


async def test_a_form_with_too_many_fields_is_refused(browser: httpx2.AsyncClient) -> None:
    refused = await enter(browser, **{f"field{number}": "x" for number in range(30)})
    assert refused.status_code == 400
    assert "can&#39;t be read" in refused.text


async def test_who_is_not_signed_in_signs_in_and_comes_to_the_page(browser: httpx2.AsyncClient) -> None:
    sent_away = await browser.get("/dashboard/customers?customer=acme&window=60000")
    assert sent_away.status_code == 303
    form = await browser.get(sent_away.headers["location"])
    assert form.status_code == 200
    field = re.search(r'name="next" value="([^"]*)"', form.text)
    assert field is not None
    entered = await enter(browser, next=field[1].replace("&amp;", "&"))
    assert entered.status_code == 303
    assert entered.headers["location"] == "/dashboard/customers?customer=acme&window=60000"
    assert (await browser.get(entered.headers["location"])).text == "the page"


async def test_the_form_is_not_shown_to_who_is_in(browser: httpx2.AsyncClient) -> None:
    await enter(browser)
    again = await browser.get(LOGIN, params={"next": "/dashboard/rules"})
    assert (again.status_code, again.headers["location"]) == (303, "/dashboard/rules")


@pytest.mark.parametrize("token", ["", "cvt_a-toke", "cvt_a-token2", "CVT_A-TOKEN", "\x00", "é😀", "x" * 5_000])
async def test_a_wrong_token_is_told_and_lets_nobody_in(browser: httpx2.AsyncClient, token: str) -> None:
    answer = await enter(browser, token, next="/dashboard/rules")
    assert answer.status_code == 403
    assert "This is not the API token" in answer.text
    assert 'value="/dashboard/rules"' in answer.text
    assert "set-cookie" not in answer.headers
    assert (await browser.get("/dashboard/rules")).status_code == 303


async def test_guessing_is_slow_even_with_the_right_token(browser: httpx2.AsyncClient) -> None:
    for _ in range(5):
        assert (await enter(browser, "a guess")).status_code == 403
    answer = await enter(browser)
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["retry-after"]) <= 10
    assert "Try again in" in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "cross-site"}, {"origin": "https://acme.example"}])
async def test_a_page_of_another_site_signs_nobody_in_or_out(
    browser: httpx2.AsyncClient, headers: dict[str, str]
) -> None:
    answer = await browser.post(LOGIN, data={"token": TOKEN}, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    await enter(browser)
    assert (await browser.post(LOGOUT, headers=headers)).status_code == 403
    assert (await browser.get("/dashboard/rules")).status_code == 200


async def test_signing_out_ends_it(browser: httpx2.AsyncClient) -> None:
    await enter(browser)
    await browser.get(LOGOUT)  # as an image on any page would
    assert (await browser.get("/dashboard/rules")).status_code == 200
    out = await browser.post(LOGOUT, headers={"origin": "http://localhost"})
    assert (out.status_code, out.headers["location"]) == (303, LOGIN)
    assert (await browser.get("/dashboard/rules")).status_code == 303


@pytest.mark.parametrize(("origin", "secure"), [("https://localhost", True), ("http://localhost", False)])
async def test_over_tls_the_cookie_says_so(browser: httpx2.AsyncClient, origin: str, secure: bool) -> None:
    answer = await browser.post(LOGIN, data={"token": TOKEN}, headers={"origin": origin})
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-") is secure
    assert ("Secure" in cookie) is secure
    assert "HttpOnly" in cookie


async def test_a_script_is_told_where_to_go(browser: httpx2.AsyncClient) -> None:
    headers = {"hx-request": "true", "hx-current-url": "http://localhost/dashboard/rules?sort=name"}
    answer = await browser.post("/dashboard/rules", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["hx-redirect"] == f"{LOGIN}?next=%2Fdashboard%2Frules%3Fsort%3Dname"


async def test_a_form_too_large_is_refused(browser: httpx2.AsyncClient) -> None:
    assert (await enter(browser, "x" * 10_000)).status_code == 413


async def test_the_form_is_kept_by_nobody_and_framed_by_nobody(browser: httpx2.AsyncClient) -> None:
    headers = (await browser.get(LOGIN)).headers
    assert headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


async def test_in_development_nobody_has_to_sign_in() -> None:
    transport = httpx2.ASGITransport(application(None))
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
        assert (await client.get("/dashboard/rules")).text == "the page"
        for answer in (await client.get(LOGIN), await enter(client)):
            assert (answer.status_code, answer.headers["location"]) == (303, START)
            assert "set-cookie" not in answer.headers


HOSTILE: tuple[Any, ...] = (
    "",
    "https://acme.example/dashboard/",
    "//acme.example/dashboard",
    "/\\acme.example",
    "\\\\acme.example",
    "/dashboard\\..\\..\\acme.example",
    "/dashboard/\\acme.example",
    "dashboard/rules",
    "javascript:alert(1)",
    "data:text/html,x",
    "/dashboardx",
    "/dashboard@acme.example",
    "/dashboard:80@acme.example",
    "/api/monitoring/export",
    "/dashboard/\r\nset-cookie: a=1",
    "/dashboard/\n",
    "/dashboard/\x00",
    "/dashboard/ü",
    "/dashboard/ rules",
    " /dashboard/rules",
    "/\t/acme.example",
    "/dashboard/" + "x" * 5_000,
)


@pytest.mark.parametrize("asked", HOSTILE)
async def test_nobody_is_led_elsewhere(browser: httpx2.AsyncClient, asked: str) -> None:
    assert own_path(asked) == START
    entered = await enter(browser, next=asked)
    assert entered.headers["location"] == START
    assert (await browser.get(LOGIN, params={"next": asked})).headers["location"] == START


@pytest.mark.parametrize("asked", ["/dashboard", "/dashboard?a=1", "/dashboard/", "/dashboard/x?from=%0A&to=//y"])
def test_pages_of_ours_are_gone_to(asked: str) -> None:
    assert own_path(asked) == asked
