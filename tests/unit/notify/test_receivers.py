from typing import Any

import msgspec
import pytest
from tests.support.notifications import NOW_MS, notification

from chatvitals.notify.letters import letters_of
from chatvitals.notify.receivers import Receiver
from chatvitals.notify.writing import decode

URL = "https://hooks.example/alerts"


def read(*channels: dict[str, Any], name: str = "on-call") -> Receiver:
    return msgspec.convert({"name": name, "channels": channels}, Receiver)


def test_channels_have_names() -> None:
    receiver = read(
        {"type": "webhook", "url": URL},
        {"type": "console"},
        {"type": "webhook", "url": URL, "name": "backup"},
        {"type": "webhook", "url": URL},
    )
    assert list(receiver.named_channels()) == ["webhook", "console", "backup", "webhook-3"]
    assert list(receiver.check()) == []


@pytest.mark.parametrize(
    ("channels", "path", "message"),
    [
        ([{"type": "console", "name": "a"}, {"type": "database", "name": "a"}], ("channels",), "same name"),
        ([{"type": "console"}, {"type": "database", "name": "console"}], ("channels",), "same name"),
        ([{"type": "webhook", "url": "http://0x7f.1/"}], ("channels", 0, "url"), "number for a host"),
        ([{"type": "webhook", "url": "https://u:p@x/"}], ("channels", 0, "url"), "user or password"),
        ([{"type": "alertmanager", "url": "am:9093"}], ("channels", 0, "url"), "not a URL like"),
        ([{"type": "webhook", "url": URL, "secrets": ["whsec_x"]}], ("channels", 0, "secrets", 0), "base64"),
        ([{"type": "webhook", "url": URL, "secrets": ["whsec_eA=="]}], ("channels", 0, "secrets", 0), "24 to 64"),
        ([{"type": "webhook", "url": URL, "headers": {"Host": "x"}}], ("channels", 0, "headers", "Host"), "not yours"),
        ([{"type": "webhook", "url": URL, "headers": {"a b": "x"}}], ("channels", 0, "headers", "a b"), "not the name"),
        ([{"type": "webhook", "url": URL, "headers": {"a": "x\n"}}], ("channels", 0, "headers", "a"), "characters"),
    ],
)
def test_what_types_cannot_say(channels: list[dict[str, Any]], path: tuple[str | int, ...], message: str) -> None:
    (flaw,) = read(*channels).check()
    assert flaw.path == path
    assert message in flaw.message


@pytest.mark.parametrize(
    "channels",
    [
        [],
        [{"type": "pigeon"}],
        [{"url": URL}],
        [{"type": "webhook"}],
        [{"type": "webhook", "url": URL, "body": "xml"}],
        [{"type": "webhook", "url": URL, "colour": "red"}],
        [{"type": "console", "name": "no spaces"}],
        [{"type": "console"}] * 21,
    ],
)
def test_what_types_say(channels: list[dict[str, Any]]) -> None:
    with pytest.raises(msgspec.ValidationError):
        read(*channels)


@pytest.mark.parametrize("name", ["", "a b", "-a", "a" * 65, "a/b"])
def test_names_of_receivers(name: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        read({"type": "console"}, name=name)


def test_a_letter_for_each_channel() -> None:
    receiver = read({"type": "console"}, {"type": "database"})
    letters = letters_of(notification(1), receiver, NOW_MS)
    assert [(letter.receiver, letter.channel, letter.thread) for letter in letters] == [
        ("on-call", "console", "thread-1"),
        ("on-call", "database", "thread-1"),
    ]
    assert {letter.notification for letter in letters} == {notification(1).id}
    assert all(decode(letter.document) == notification(1) for letter in letters)
    assert letters_of(notification(1), receiver, NOW_MS) == letters, "the same, whoever makes them"
    others = letters_of(notification(2), receiver, NOW_MS)
    assert len({letter.id for letter in [*letters, *others]}) == 4
