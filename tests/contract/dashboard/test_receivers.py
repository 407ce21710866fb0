"""The receivers: how their channels fare, and trying them."""

from dataclasses import replace

import pytest
from tests.contract.dashboard.alerts import OPENED_MS, Desk
from tests.contract.telling import WINDOW
from tests.support.dashboard import act, render_page
from tests.support.reading import Read, read

from chatvitals.alerting.routing.reading import DEFAULT_ROUTING
from chatvitals.alerting.routing.routes import Routing
from chatvitals.dashboard.parts import Parts
from chatvitals.errors import NotFound
from chatvitals.notify.channels.console.settings import ConsoleSettings
from chatvitals.notify.channels.webhook.settings import WebhookSettings
from chatvitals.notify.receivers import Receiver

WEBHOOK = WebhookSettings(url="https://hooks.example/T0KEN?key=s3cret")
ROUTING = Routing({"on-call": Receiver("on-call", (ConsoleSettings(), WEBHOOK))}, DEFAULT_ROUTING.root)


@pytest.fixture
def routed(parts: Parts) -> Parts:
    return replace(parts, routing=lambda: ROUTING)


def page(parts: Parts) -> Read:
    return read(render_page(parts, "/dashboard/receivers").html)


def test_channels_say_where_they_lead_without_secrets(routed: Parts) -> None:
    html = render_page(routed, "/dashboard/receivers").html
    rows = read(html).tables["Channels of on-call"].rows
    assert [row["Channel"] for row in rows] == ["console", "webhook"]
    assert {row["State"] for row in rows} == {"not used yet"}
    assert "hooks.example" in html
    assert "s3cret" not in html
    assert "T0KEN" not in html


def test_channels_say_how_they_fare(routed: Parts, desk: Desk) -> None:
    incident = desk.open("a")
    desk.write("one", incident, "console")
    desk.write("two", incident, "webhook")
    desk.write("three", incident, "pager")
    for channel in ("console", "webhook"):
        letter = routed.outbox.take("on-call", channel, OPENED_MS, OPENED_MS)
        assert letter is not None
        if channel == "console":
            routed.outbox.deliver(letter, OPENED_MS)
        else:
            routed.outbox.fail(letter, OPENED_MS, "it answered 500", WINDOW.end_ms)
    seen = page(routed)
    console, webhook = seen.tables["Channels of on-call"].rows
    assert (console["State"], console["Delivered last"], console["Waiting"]) == ("delivers", "10 min ago", "0")
    assert webhook["State"].startswith("failing it answered 500")
    assert (webhook["Waiting"], webhook["Delivered last"]) == ("1", "–")
    assert "on-call by pager: 1 waiting, 0 given up" in seen.text


def test_a_channel_that_delivers_again_does_not_fail_for_what_was_given_up_before(routed: Parts, desk: Desk) -> None:
    incident = desk.open("a")
    for name in ("one", "two"):
        desk.write(name, incident, "console")
    first = routed.outbox.take("on-call", "console", OPENED_MS, OPENED_MS)
    assert first is not None
    routed.outbox.fail(first, OPENED_MS, "it answered 500", None)
    assert page(routed).tables["Channels of on-call"].rows[0]["State"].startswith("failing")
    second = routed.outbox.take("on-call", "console", OPENED_MS + 1, OPENED_MS + 1)
    assert second is not None
    routed.outbox.deliver(second, OPENED_MS + 1)
    (console, _) = page(routed).tables["Channels of on-call"].rows
    assert (console["State"], console["Given up"]) == ("delivers", "1")


def test_trying_a_receiver_says_how_each_channel_did(routed: Parts) -> None:
    said: list[str] = []
    surroundings = replace(routed.surroundings, console=said.append)
    done = act(replace(routed, surroundings=surroundings), "/dashboard/receivers/on-call/test", {})
    assert done.said.startswith("Test of on-call: console delivered in ")
    assert "webhook failed: " in done.said
    assert "s3cret" not in done.said
    assert len(said) == 1
    with pytest.raises(NotFound, match="there is no receiver 'nobody'; there are on-call"):
        act(routed, "/dashboard/receivers/nobody/test", {})
