"""`chatvitals notify` against the handlers that it asks."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest
from tests.support.notifications import NOW_MS, notification, surroundings, told
from tests.support.route_app import route_app

from chatvitals.alerting.routing.routes import Route, Routing
from chatvitals.cli import notify as command
from chatvitals.cli.target import RequestFailed
from chatvitals.notify.letters import letters_of
from chatvitals.notify.receivers import Receiver
from chatvitals.server.api.receivers import Receivers
from chatvitals.store.control.database import open_database
from chatvitals.store.control.outbox import Outbox, insert_letters

GOOD = msgspec.convert({"name": "good", "channels": [{"type": "database"}]}, Receiver)
BAD = msgspec.convert(
    {"name": "bad", "channels": [{"type": "database"}, {"type": "webhook", "url": "http://10.0.0.1/hunter2"}]}, Receiver
)


@pytest.fixture
def outbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Outbox]:
    """The outbox of the server that the command finds."""
    monkeypatch.setenv("COLUMNS", "100")
    database = open_database(f"sqlite:///{tmp_path / 'control.sqlite'}")
    opened = Outbox(database)
    routing = Routing({"good": GOOD, "bad": BAD}, Route(receiver="good"))
    receivers = Receivers(lambda: routing, opened, surroundings(tmp_path), lambda: None)

    @asynccontextmanager
    async def connected(*_target: Any) -> AsyncIterator[httpx2.AsyncClient]:
        transport = httpx2.ASGITransport(route_app(receivers.routes()))
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
            yield client

    monkeypatch.setattr(command, "connected", connected)
    with database.begin() as connection:
        strange = notification(1, incidents=(told(title="[red]Lost[/red]"),))
        insert_letters(connection, letters_of(strange, GOOD, NOW_MS))
    yield opened
    database.dispose()


@pytest.mark.usefixtures("outbox")
def test_a_receiver_is_tried(capsys: pytest.CaptureFixture[str]) -> None:
    command.try_receiver("good")
    assert "delivered" in capsys.readouterr().out


@pytest.mark.usefixtures("outbox")
def test_what_is_not_delivered_is_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(command.NotDelivered, match="not delivered on webhook"):
        command.try_receiver("bad")
    printed = capsys.readouterr().out
    assert "10.0.0.1 is not public" in printed
    assert "hunter2" not in printed
    with pytest.raises(RequestFailed, match="there is no receiver 'nobody'"):
        command.try_receiver("nobody")


def test_the_outbox_is_listed_and_a_dead_letter_sent_again(outbox: Outbox, capsys: pytest.CaptureFixture[str]) -> None:
    command.list_outbox(status="dead")
    assert capsys.readouterr().out == "no letters\n"
    letter = outbox.take("good", "database", NOW_MS, NOW_MS + 1)
    assert letter is not None
    outbox.fail(letter, NOW_MS, "no [bold]", None)
    command.list_outbox(status="dead")
    printed = capsys.readouterr().out
    for shown in (letter.id, "2026-07-25 17:20:00", "[CRITICAL] [red]Lost[/red]", "no [bold]", "dead"):
        assert shown in printed
    command.resend_letter(letter.id)
    assert outbox.queues()
    with pytest.raises(RequestFailed, match="409: only a dead letter"):
        command.resend_letter(letter.id)
