"""Mails to a real SMTP server: encrypted, with a login, refused for good or for now."""

import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
import trustme
from msgspec import structs
from tests.support.notifications import surroundings
from tests.support.smtp import SmtpServer, smtp_server
from tests.unit.notify.channels.email.losses import notification

from chatvitals.notify.channels.channel import Channel, NotTaken
from chatvitals.notify.channels.email.settings import EmailSettings, Security


def settings(server: SmtpServer, **changes: object) -> EmailSettings:
    given = EmailSettings(
        to=("one@example.org", "two@example.org"),
        sender="chatvitals@example.org",
        host="127.0.0.1",
        port=server.port,
        security=Security.NONE,
    )
    return structs.replace(given, **changes)


Open = Callable[[EmailSettings], Channel]


@pytest.fixture
def opened(tmp_path: Path) -> Open:
    around = surroundings(tmp_path, environment={"SESAME": "open sesame", "WRONG": "wrong"})
    return lambda given: given.open(around)


async def refusal(channel: Channel) -> NotTaken:
    with pytest.raises(NotTaken) as caught:
        await channel.send(notification())
    return caught.value


async def test_a_mail_comes_with_both_its_bodies(opened: Open) -> None:
    with smtp_server() as server:
        await opened(settings(server)).send(notification())
    (received,) = server.received
    assert received.sender == "chatvitals@example.org"
    assert received.recipients == ["one@example.org", "two@example.org"]
    assert received.mail["Subject"] == "Data Loss Detected on shop"
    for kind in ("plain", "html"):
        part = received.mail.get_body((kind,))
        assert part is not None
        assert "63 sessions" in part.get_content()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def server_context(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> str:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


async def test_starttls_with_a_login(opened: Open, server_context: ssl.SSLContext, ca_file: str) -> None:
    with smtp_server(starttls=server_context, login=("chatvitals", "open sesame")) as server:
        given = settings(server, security=Security.STARTTLS, ca_file=ca_file, username="chatvitals")
        await opened(structs.replace(given, password="${SESAME}")).send(notification())
        error = await refusal(opened(structs.replace(given, password="${WRONG}")))
    (received,) = server.received
    assert (received.encrypted, received.user) == (True, "chatvitals")
    assert not error.final, "an administrator may mend the password meanwhile"
    assert "535" in str(error)
    assert "wrong" not in str(error)


async def test_tls_from_the_start(opened: Open, server_context: ssl.SSLContext, ca_file: str) -> None:
    with smtp_server(tls=server_context) as server:
        await opened(settings(server, security=Security.TLS, ca_file=ca_file)).send(notification())
    (received,) = server.received
    assert received.mail["Message-ID"] == "<0b0e7c0c-6a52-5d1c-8f0e-2f6a4b1c9d8e@example.org>"


async def test_a_server_that_nobody_vouches_for_gets_nothing(opened: Open, server_context: ssl.SSLContext) -> None:
    with smtp_server(starttls=server_context) as server:
        error = await refusal(opened(settings(server, security=Security.STARTTLS)))
    assert "certificate" in str(error)
    assert server.received == []


async def test_a_server_without_tls_gets_nothing_that_should_be_encrypted(opened: Open) -> None:
    with smtp_server() as server:
        await refusal(opened(settings(server, security=Security.STARTTLS)))
    assert server.received == []


@pytest.mark.parametrize(
    ("answers", "final"),
    [
        ({"one@example.org": "550 no such user", "two@example.org": "550 no such user"}, True),
        ({"one@example.org": "550 no such user", "two@example.org": "451 try later"}, False),
        ({"one@example.org": "550 no such user"}, True),
        ({"one@example.org": "451 try later"}, False),
    ],
)
async def test_recipients_who_are_refused(opened: Open, answers: dict[str, str], final: bool) -> None:
    with smtp_server() as server:
        server.handler.refuse = answers
        error = await refusal(opened(settings(server)))
    assert error.final is final
    for address, answer in answers.items():
        assert address in str(error)
        assert answer.split()[0] in str(error)


@pytest.mark.parametrize(("answer", "final"), [("554 no", True), ("451 later", False)])
async def test_a_mail_that_is_refused(opened: Open, answer: str, final: bool) -> None:
    with smtp_server() as server:
        server.handler.data = answer
        error = await refusal(opened(settings(server)))
    assert error.final is final


async def test_a_server_that_is_not_there(opened: Open) -> None:
    with smtp_server() as server:
        pass
    error = await refusal(opened(settings(server)))
    assert not error.final
    assert "127.0.0.1" in str(error)
