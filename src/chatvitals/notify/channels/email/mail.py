"""A notification as a mail (RFC 5322), in text and HTML, in the thread of its group."""

from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from chatvitals.catalogue.severities import Severity
from chatvitals.notify.channels.email.settings import EmailSettings
from chatvitals.notify.channels.email.view import view_of
from chatvitals.notify.message import Notification, Reason
from chatvitals.notify.templates import load_text_template

_FOLDER = Path(__file__).parent
_TEXT = load_text_template(_FOLDER, "notification.txt.j2")
_PAGE = Environment(
    loader=FileSystemLoader(_FOLDER),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
).get_template("notification.html.j2")


def mail_of(notification: Notification, settings: EmailSettings) -> EmailMessage:
    """The mail; made again for another attempt it is the same, its Message-ID too."""
    view = view_of(notification)
    domain = Address(addr_spec=settings.sender).domain
    thread = f"<{notification.thread}@{domain}>"
    first = notification.reason in (Reason.OPENED, Reason.TEST)
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address("chatvitals", addr_spec=settings.sender)
    mail["To"] = ", ".join(settings.to)
    mail["Subject"] = view.subject if first else f"Re: {view.subject}"
    mail["Date"] = format_datetime(datetime.fromtimestamp(notification.created_ms / 1_000, UTC))
    mail["Message-ID"] = f"<{notification.id}@{domain}>"
    mail["In-Reply-To"] = mail["References"] = thread
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: out-of-office replies are not for this
    mail["X-Auto-Response-Suppress"] = "All"
    if notification.open and notification.severity is Severity.CRITICAL:
        mail["Importance"] = "high"
    mail.set_content(_TEXT.render(view=view))
    mail.add_alternative(_PAGE.render(view=view), subtype="html")
    return mail
