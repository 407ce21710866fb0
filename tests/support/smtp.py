"""A real SMTP server for tests: it keeps what it gets, and refuses what it is told to."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass
class Received:
    """One mail as it came."""

    sender: str
    recipients: list[str]
    mail: EmailMessage
    encrypted: bool
    user: str | None


@dataclass
class Handler:
    """Answers by address or, with `data`, to the mail's content; otherwise takes everything."""

    refuse: dict[str, str] = field(default_factory=dict)
    data: str = ""
    received: list[Received] = field(default_factory=list)

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.data:
            return self.data
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, EmailMessage, policy=default)
        login: object = session.auth_data
        user = login.login.decode() if isinstance(login, LoginPassword) else None
        self.received.append(
            Received(str(envelope.mail_from), list(envelope.rcpt_tos), mail, session.ssl is not None, user)
        )
        return "250 OK"


class _OnAFreePort(Controller):
    """Connects to itself once, to see whether it is there: it has to know where that is."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]  # type: ignore[union-attr]  # it is a loop's own kind
        super()._trigger_server()  # type: ignore[no-untyped-call]


@dataclass
class SmtpServer:
    """Where it listens, and what it got."""

    port: int
    handler: Handler

    @property
    def received(self) -> list[Received]:
        return self.handler.received


@contextmanager
def smtp_server(
    *, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None, login: tuple[str, str] | None = None
) -> Iterator[SmtpServer]:
    """A server on loopback, in a thread of its own; with `login` it takes nothing from others."""

    def knows(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: object) -> AuthResult:
        wanted = login and (login[0].encode(), login[1].encode())
        right = isinstance(given, LoginPassword) and (given.login, given.password) == wanted
        return AuthResult(success=right, handled=False, auth_data=given)

    handler = Handler()
    controller = _OnAFreePort(
        handler,
        hostname="127.0.0.1",
        port=0,
        ssl_context=tls,
        tls_context=starttls,
        require_starttls=starttls is not None,
        authenticator=knows,
        auth_required=login is not None,
    )
    controller.start()
    try:
        yield SmtpServer(controller.port, handler)
    finally:
        controller.stop()
