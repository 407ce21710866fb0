import json
from pathlib import Path

from tests.support.notifications import notification, surroundings, told

from chatvitals.notify.channels.console.settings import ConsoleSettings
from chatvitals.notify.message import Notification
from chatvitals.notify.writing import decode
from chatvitals.store.control.incidents import Blast

EXPECTED = """\
[CRITICAL] Messages are lost on shop (and 1 more)
  critical: 12 messages of acme are lost
    customer=acme, site=shop
    touches 1 customer of 400, 63 sessions
    since 2026-07-25 17:19:00 UTC
    https://vitals.example/alerts/incident-lost
  critical (resolved): Over now
    customer=acme, site=shop
    since 2026-07-25 17:19:00 UTC, until 2026-07-25 17:20:00 UTC"""


async def written(folder: Path, settings: ConsoleSettings, message: Notification) -> str:
    texts: list[str] = []
    await settings.open(surroundings(folder, console=texts)).send(message)
    (text,) = texts
    return text


async def test_what_people_read(tmp_path: Path) -> None:
    over = told("over", title="Over now", message="", blast=Blast(), url="", resolved_ms=1_785_000_000_000)
    text = await written(tmp_path, ConsoleSettings(), notification(incidents=(told(), over)))
    assert text == EXPECTED


async def test_no_text_of_a_page_commands_the_terminal(tmp_path: Path) -> None:
    evil = told(message="\x1b]0;title\x07\x1b[2J\nroot: fake line\r\x9b31m", title="{{ 7 * 7 }}\u202e")
    text = await written(tmp_path, ConsoleSettings(), notification(incidents=(evil,)))
    assert not any(letter in text for letter in "\x1b\x07\r\x9b\u202e")
    assert "49" not in text
    assert not any(line.startswith("root") for line in text.splitlines())


async def test_what_programs_read(tmp_path: Path) -> None:
    text = await written(tmp_path, ConsoleSettings(format="json"), notification())
    assert "\n" not in text
    assert json.loads(text)["incidents"][0]["resolvedMs"] is None
    assert decode(text) == notification()
