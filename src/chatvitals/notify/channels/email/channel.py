"""The channel `email`: sending over SMTP, and which refusals are final."""

import asyncio
import ssl

import aiosmtplib
from aiosmtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException

from chatvitals.notify.channels.channel import NotTaken
from chatvitals.notify.channels.email.mail import mail_of
from chatvitals.notify.channels.email.settings import EmailSettings, Security
from chatvitals.notify.message import Notification
from chatvitals.notify.secrets import NoSecret, reveal
from chatvitals.notify.surroundings import Surroundings

_PATIENCE_S = 30.0
_AUTHENTICATION_FAILED = 535


class EmailChannel:
    """One mail to all recipients; a connection for each, as they are few."""

    def __init__(self, settings: EmailSettings, surroundings: Surroundings) -> None:
        self._settings = settings
        self._environment = surroundings.environment

    async def send(self, notification: Notification) -> None:
        """Hand the mail over to the SMTP server. Raises NotTaken, also where only some recipients were refused."""
        settings = self._settings
        mail = mail_of(notification, settings)
        try:
            password = None if settings.password is None else reveal(settings.password, self._environment)
        except NoSecret as error:
            raise NotTaken(str(error)) from error
        try:
            authorities = await asyncio.to_thread(ssl.create_default_context, cafile=settings.ca_file)
            refused, _ = await aiosmtplib.send(
                mail,
                hostname=settings.host,
                port=settings.port,
                username=settings.username or None,
                password=password,
                use_tls=settings.security is Security.TLS,
                start_tls=settings.security is Security.STARTTLS,
                tls_context=authorities,
                timeout=_PATIENCE_S,
            )
        except SMTPRecipientsRefused as error:
            codes = {one.recipient: (one.code, one.message) for one in error.recipients}
            raise self._refused(codes) from error
        except SMTPResponseException as error:
            raise NotTaken(self._said(error.code, error.message), final=_final(error.code)) from error
        except (SMTPException, OSError) as error:
            raise NotTaken(f"{settings.host} port {settings.port}: {str(error) or type(error).__name__}") from error
        if refused:
            raise self._refused({address: (answer.code, answer.message) for address, answer in refused.items()})

    def _refused(self, codes: dict[str, tuple[int, str]]) -> NotTaken:
        """Some recipients didn't get it. Whoever did gets it again under the same Message-ID, if it may pass."""
        said = "; ".join(f"{address}: {self._said(code, words)}" for address, (code, words) in codes.items())
        return NotTaken(said, final=all(_final(code) for code, _ in codes.values()))

    def _said(self, code: int, words: str) -> str:
        return f"{self._settings.host} answered {code} {' '.join(words.split())}"

    async def close(self) -> None:
        """There is nothing to let go of."""


def _final(code: int) -> bool:
    """5yz replies are permanent (RFC 5321, 4.2.1), but a wrong password is for an administrator to mend meanwhile."""
    return code >= 500 and code != _AUTHENTICATION_FAILED
