"""The outbox: what waits, what was given up and why, and sending it again."""

from dataclasses import replace

import pytest
from tests.contract.dashboard.alerts import OPENED_MS, Desk
from tests.support.dashboard import act, render_page
from tests.support.reading import Read, read

from chatvitals.dashboard.parts import Parts
from chatvitals.errors import BadRequest, Conflict, NotFound
from chatvitals.store.control.outbox import LetterStatus

PATH = "/dashboard/outbox"
CAPTION = "Letters, the newest first, at most 200"


def page(parts: Parts, query: str = "") -> Read:
    return read(render_page(parts, f"{PATH}?{query}").html)


@pytest.fixture
def dead(parts: Parts, desk: Desk) -> None:
    """One letter that was given up, and one that waits."""
    incident = desk.open("a")
    desk.write("waits", incident)
    desk.write("dead", incident, "webhook")
    letter = parts.outbox.take("on-call", "webhook", OPENED_MS, OPENED_MS)
    assert letter is not None
    parts.outbox.fail(letter, OPENED_MS, "it answered 410: <gone>", None)


def test_nothing_yet(parts: Parts) -> None:
    assert "Nothing waits, and nothing was delivered or given up lately" in page(parts).text
    assert "Nothing was given up." in page(parts, "status=dead").text


@pytest.mark.usefixtures("dead")
def test_letters_say_what_became_of_them(parts: Parts) -> None:
    table = page(parts, "status=dead").tables[CAPTION]
    (row,) = table.rows
    assert row["What"] == "[WARNING] Slow Message Renders on shop"
    assert row["Status"] == "given up 1 attempt it answered 410: <gone>"
    assert row["Action"] == "Send again"
    assert table.links["[WARNING] Slow Message Renders on shop"] == "/dashboard/alerts/a"
    (waiting,) = page(parts, "status=waiting").tables[CAPTION].rows
    assert (waiting["To"], waiting["Action"]) == ("on-call by email", "")
    assert len(page(parts).tables[CAPTION].rows) == 2


@pytest.mark.usefixtures("dead")
def test_a_dead_letter_is_sent_again(parts: Parts) -> None:
    woken: list[bool] = []
    awake = replace(parts, wake_postman=lambda: woken.append(True))
    assert act(awake, f"{PATH}/dead/resend", {}).said == "It is sent again to on-call by webhook"
    assert woken == [True]
    letter = parts.outbox.get("dead")
    assert letter is not None
    assert (letter.status, letter.attempts) == (LetterStatus.WAITING, 0)
    with pytest.raises(Conflict, match="only a dead letter is sent again"):
        act(parts, f"{PATH}/dead/resend", {})


def test_what_is_not_there(parts: Parts) -> None:
    with pytest.raises(NotFound, match="there is no letter 'x'"):
        act(parts, f"{PATH}/x/resend", {})
    with pytest.raises(BadRequest, match="status is one of waiting, delivered, dead"):
        page(parts, "status=lost")
