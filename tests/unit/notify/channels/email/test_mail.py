from msgspec import structs
from tests.unit.notify.channels.email.losses import LOSS, NOON_MS, RENDERS, notification

from chatvitals.notify.channels.email.mail import mail_of
from chatvitals.notify.channels.email.settings import EmailSettings
from chatvitals.notify.message import Notification, Reason

SETTINGS = EmailSettings(
    to=("one@example.org", "two@example.org"), sender="chatvitals@example.org", host="mail.example.org"
)


def body(kind: str, told: Notification) -> str:
    part = mail_of(told, SETTINGS).get_body((kind,))
    assert part is not None
    return str(part.get_content())


def test_its_heads_say_who_when_and_in_which_thread() -> None:
    mail = mail_of(notification(), SETTINGS)
    assert mail["From"] == "chatvitals <chatvitals@example.org>"
    assert mail["To"] == "one@example.org, two@example.org"
    assert mail["Date"] == "Thu, 01 Jan 2026 12:00:02 +0000"
    assert mail["Message-ID"] == "<0b0e7c0c-6a52-5d1c-8f0e-2f6a4b1c9d8e@example.org>"
    assert mail["References"] == mail["In-Reply-To"] == "<7c9e6679-7425-50de-944b-e07fc1f90ae7@example.org>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Importance"] == "high"


def test_a_second_attempt_is_the_same_mail() -> None:
    first, second = (mail_of(notification(), SETTINGS) for _ in range(2))
    assert first.items() == second.items()


def test_all_of_an_incident_are_one_thread() -> None:
    opened = mail_of(notification(), SETTINGS)
    told = structs.replace(LOSS, resolved_ms=NOON_MS + 60_000)
    resolved = mail_of(notification(told, reason=Reason.RESOLVED, id="another"), SETTINGS)
    assert opened["Message-ID"] != resolved["Message-ID"]
    assert opened["References"] == resolved["References"]
    assert resolved["Subject"] == f"Re: {opened['Subject']}"
    assert resolved["Importance"] is None


def test_the_text_reads_by_itself() -> None:
    assert body("plain", notification()) == (
        "Critical: 3 data loss incident(s) detected\n"
        "\n"
        "■ CRITICAL: Data Loss Detected\n"
        "\n"
        "3 data loss incident(s) detected\n"
        "\n"
        "  Touched: 1 customer of 400, 1 release, 63 sessions\n"
        "  Customer: acme\n"
        "  Release: 2.4.1\n"
        "  Incidents: 3\n"
        "  Errors by type: QuotaExceededError 2, SecurityError 1\n"
        "  Site: shop\n"
        "  Since: 2026-01-01 12:00:00 UTC (2 s)\n"
        "  Open: https://monitoring.example/alerts/5f7d9b3e\n"
        "  Runbook: https://runbooks.example/data-loss\n"
        "\n"
        "-- \n"
        "You get this because you are among the recipients of on-call.\n"
        "All alerts: https://monitoring.example/alerts\n"
    )


def test_no_markup_of_others_gets_into_the_page() -> None:
    told = structs.replace(LOSS, title="<script>alert(1)</script>", labels={"site": '"><img src=x>'})
    page = body("html", notification(told))
    assert "<script>" not in page
    assert "<img" not in page
    assert "&lt;script&gt;" in page


def test_without_links_there_are_no_buttons() -> None:
    page = body("html", notification(RENDERS, url=""))
    assert "<a " not in page
    assert "Slow Message Renders" in page


def test_nothing_is_fetched_by_who_reads_it() -> None:
    page = body("html", notification())
    assert "src=" not in page
    assert "url(" not in page
    assert "<link" not in page
