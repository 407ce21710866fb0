"""The pages about receivers say what there is, and what they show works."""

import json
import re
import threading
import tomllib
from http.server import HTTPServer
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
import yaml
from tests.support.notifications import notification, surroundings

from chatvitals.clock import system_clock
from chatvitals.notify.channels.channel import NotTaken
from chatvitals.notify.channels.webhook.bodies import chatvitals_body
from chatvitals.notify.channels.webhook.settings import WebhookSettings
from chatvitals.notify.outgoing.allowed import AllowList
from chatvitals.notify.receivers import AnyChannel, Receiver
from chatvitals.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"
REFERENCE = (DOCS / "reference" / "receivers.md").read_text()
HOW_TO = (DOCS / "how-to" / "receive-webhooks.md").read_text()
KINDS = {str(settings.__struct_config__.tag): settings for settings in get_args(AnyChannel)}


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)


def sections() -> dict[str, str]:
    parts = re.split(r"^### `(\w+)`$", REFERENCE.split("## Where requests may go")[0], flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_channel_has_its_section() -> None:
    assert sections().keys() == KINDS.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_has_its_line(kind: str) -> None:
    fields = {field.encode_name for field in msgspec.structs.fields(KINDS[kind])} - {"name"}
    rows = [row for row in sections()[kind].splitlines() if row.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])}
    assert named == fields


@pytest.mark.parametrize("text", [*blocks(REFERENCE, "yaml"), *blocks(HOW_TO, "yaml")])
def test_what_is_shown_can_be_read(text: str) -> None:
    (receiver,) = msgspec.convert(yaml.safe_load(text)["receivers"], list[Receiver])
    assert list(receiver.check()) == []


def test_the_allow_list_that_is_shown_can_be_read() -> None:
    (shown,) = blocks(REFERENCE, "toml")
    settings = Settings(**tomllib.loads(shown))
    assert len(settings.outgoing_allowed) == 3
    AllowList(settings.outgoing_allowed)


async def test_the_receiver_that_is_shown_verifies(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = blocks(HOW_TO, "python")
    names: dict[str, Any] = {"__name__": "shown"}
    exec(compile(code, "receive-webhooks.md", "exec"), names)
    names["Hook"].log_message = lambda *_arguments: None
    server = HTTPServer(("127.0.0.1", 0), names["Hook"])
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        around = surroundings(tmp_path, now_ms=system_clock())
        settings = WebhookSettings(url=f"http://127.0.0.1:{server.server_port}/", secrets=(names["SECRET"],))
        for _ in range(2):
            await settings.open(around).send(notification())
        unsigned = WebhookSettings(url=f"http://127.0.0.1:{server.server_port}/")
        with pytest.raises(NotTaken, match="answered 401"):
            await unsigned.open(around).send(notification())
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert capsys.readouterr().out == "notification.opened critical Messages are lost\n"


def test_the_body_that_is_shown_has_the_fields_that_are_sent() -> None:
    (shown,) = (json.loads(text) for text in blocks(HOW_TO, "json"))
    sent = json.loads(chatvitals_body(notification()))
    assert _fields(shown) == _fields(sent)


def _fields(value: Any) -> Any:
    if isinstance(value, dict):
        free = {"group", "labels", "details"}
        return {name: None if name in free else _fields(inner) for name, inner in value.items()}
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [_fields(inner) for inner in value]
    return None
