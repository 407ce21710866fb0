"""What the server refuses: sent again when it may be, after as long as was asked for, and otherwise not."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page
from tests.e2e.gate import Gate, Refusal, gate_before
from tests.e2e.visits import renders, visit
from tests.support.server import Server, make_sites, wait_until

_ONE = "handle.trackRender({renderTime: 5})"
_MANY = f"(count) => {{ for (let i = 0; i < count; i++) {_ONE} }}"
_SEND = f"{_ONE}; void handle.flush()"


@pytest.fixture
def gate(server: Server) -> Iterator[Gate]:
    with gate_before(server.url) as opened:
        yield opened


class Pauses:
    """How long the page said that it waits before it tries again, in ms, each time."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._told: list[float] = []
        page.on("console", self._hear)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.text.startswith("chatvitals: not sent"):
            self._told.append(float(message.args[2].json_value()))

    def wait(self, count: int) -> float:
        """The last of so many."""

        def heard() -> bool:
            self._page.wait_for_timeout(1)  # what the page says is heard in here
            return len(self._told) >= count

        wait_until(heard, f"the page waits for the {count}. time", pause_s=0)
        return self._told[count - 1]


@pytest.mark.parametrize("status", [408, 429, 503])
def test_it_is_sent_again_not_before_the_server_asked_for(
    browsing: BrowserContext, host: str, server: Server, site: str, gate: Gate, status: int
) -> None:
    page = visit(browsing, host, server, site, endpoint=gate.endpoint, debug=True)
    pauses = Pauses(page)
    gate.refuse(Refusal(status, retry_after="30"))
    page.evaluate(_SEND)
    assert 30_000 <= pauses.wait(1) <= 40_000
    page.clock.run_for(28_000)
    assert len(gate.passed()) == 1
    page.clock.run_for(12_000)
    first, second = gate.wait_passed(2)
    assert first.id == second.id
    assert second.sent_ms - first.sent_ms >= 30_000
    server.wait_settled(site, kept=1)


def test_pauses_grow_to_a_minute_and_no_two_are_the_same(
    browsing: BrowserContext, host: str, server: Server, site: str, gate: Gate
) -> None:
    page = visit(browsing, host, server, site, endpoint=gate.endpoint, debug=True)
    pauses = Pauses(page)
    tries = 15
    gate.refuse(*(Refusal(503) for _ in range(tries)))
    page.evaluate(_SEND)
    told = []
    for number in range(1, tries + 1):
        told.append(pauses.wait(number))
        page.clock.run_for(int(told[-1]) + 1)
    for number, pause_ms in enumerate(told):
        middle_ms = min(1_000 * 1.5**number, 60_000)
        assert 0.75 * middle_ms <= pause_ms <= 1.25 * middle_ms
    assert len(set(told)) == tries
    server.wait_settled(site, kept=1)
    gate.refuse(Refusal(503))
    page.evaluate(_SEND)
    assert pauses.wait(tries + 1) <= 1_250, "a batch that was taken ends the growth"


@pytest.mark.parametrize("retry_after", ["Wed, 21 Oct 2015 07:28:00 GMT", "-5"])
def test_what_cannot_be_read_is_not_waited_for(
    browsing: BrowserContext, host: str, server: Server, site: str, gate: Gate, retry_after: str
) -> None:
    page = visit(browsing, host, server, site, endpoint=gate.endpoint, debug=True)
    pauses = Pauses(page)
    gate.refuse(Refusal(503, retry_after))
    page.evaluate(_SEND)
    assert 750 <= pauses.wait(1) <= 1_250


@pytest.mark.parametrize("status", [400, 403, 413])
def test_what_is_refused_for_good_is_not_sent_again(
    browsing: BrowserContext, host: str, server: Server, site: str, gate: Gate, status: int
) -> None:
    page = visit(browsing, host, server, site, endpoint=gate.endpoint, policy="persist")
    gate.refuse(Refusal(status))
    page.evaluate(f"{_ONE}; handle.flush()")
    assert page.evaluate("localStorage.length") == 0
    page.clock.run_for(120_000)
    page.evaluate(f"{_ONE}; handle.flush()")
    refused, taken = gate.wait_passed(2)
    assert (refused.status, taken.status) == (status, 202)
    assert refused.id != taken.id


def test_a_blocked_endpoint_is_asked_ever_more_seldom(
    browsing: BrowserContext, host: str, server: Server, site: str
) -> None:
    """As by an extension that blocks what it takes for an advertisement, until the visitor pauses it."""
    page = visit(browsing, host, server, site)
    mistakes: list[object] = []
    page.on("pageerror", lambda error: mistakes.append(error))  # noqa: PLW0108 - Playwright marks it
    tries: list[str] = []
    page.on("requestfailed", lambda request: tries.append(request.failure or ""))
    page.route(f"{server.url}/**", lambda route: route.abort("blockedbyclient"))
    page.evaluate(_MANY, 21_000)
    for _ in range(90):
        page.clock.run_for(10_000)
    assert len(tries) <= 32, "in a quarter of an hour"
    assert all("ERR_BLOCKED_BY_CLIENT" in failure for failure in tries)
    assert mistakes == []
    page.unroute_all()
    page.clock.run_for(90_000)
    server.wait_settled(site, kept=20_000)
    page.evaluate("handle.shutdown()")
    server.wait_settled(site, kept=20_001)
    assert renders(server, site) == 20_000
    account = next(event for event in server.export(site) if event["kind"] == "sdk")
    assert (account["recorded"], account["sent"], account["dropped"]) == (21_000, 20_000, {"full": 1_000})


def test_the_page_is_told_how_long_to_wait_by_the_server_itself(
    browsing: BrowserContext, host: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """429 and its Retry-After are read across origins, without a preflight."""
    data = tmp_path_factory.mktemp("limited") / "data"
    make_sites(data, ["limited"])
    with Server(data, flush_interval_ms=100, commit_interval_ms=1, max_key_events_per_s=1) as server:
        page = visit(browsing, host, server, "limited", debug=True)
        pauses = Pauses(page)
        page.evaluate(_MANY, 10)  # what a key may send at once; more may come after ten seconds
        page.evaluate(f"void handle.flush().then(() => {{ ({_MANY})(10); handle.flush() }})")
        assert pauses.wait(1) >= 5_000


def test_who_asks_for_ever_is_not_asked_at_once(
    browsing: BrowserContext, host: str, server: Server, site: str, gate: Gate
) -> None:
    """Timers of more than 24.8 days end at once, in every browser."""
    page = visit(browsing, host, server, site, endpoint=gate.endpoint, debug=True)
    pauses = Pauses(page)
    gate.refuse(*(Refusal(503, retry_after="9999999") for _ in range(5)))
    page.evaluate(_SEND)
    pauses.wait(1)
    page.clock.run_for(10_000)
    assert len(gate.passed()) == 1


def test_a_full_page_that_ends_tells_what_it_dropped(
    browsing: BrowserContext, host: str, server: Server, site: str
) -> None:
    page = visit(browsing, host, server, site, consent="required")
    page.evaluate(_MANY, 21_000)
    page.evaluate("handle.setConsent(true); handle.shutdown()")
    page.clock.run_for(120_000)
    server.wait_settled(site, kept=20_001)
    account = next(event for event in server.export(site) if event["kind"] == "sdk")
    assert (account["recorded"], account["sent"], account["dropped"]) == (21_000, 20_000, {"full": 1_000})


def test_what_is_refused_is_counted_and_explained(
    browsing: BrowserContext, host: str, server: Server, site: str, gate: Gate
) -> None:
    page = visit(browsing, host, server, site, endpoint=gate.endpoint, debug=True)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    gate.refuse(Refusal(413))
    page.evaluate(_MANY, 3)
    page.evaluate("handle.flush()")
    page.evaluate(f"{_ONE}; handle.shutdown()")
    server.wait_settled(site, kept=2)
    account = next(event for event in server.export(site) if event["kind"] == "sdk")
    assert (account["recorded"], account["sent"], account["dropped"]) == (4, 1, {"refused": 3})
    assert not any("sent 3" in text for text in said), said
    assert any("413" in text for text in said), said
