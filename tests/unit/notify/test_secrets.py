from pathlib import Path
from typing import Any

import msgspec
import pytest

from chatvitals.notify.secrets import MAX_SECRET_BYTES, NoSecret, Secret, SecretFile, is_plain, reveal


@pytest.mark.parametrize(
    ("written", "secret"),
    [
        ("as it is", "as it is"),
        ("${A}", "one"),
        ("https://hooks.example/${A}/${B}?x=${A}", "https://hooks.example/one/two?x=one"),
        ("$A {A} $${A} ${a-b} ${}", "$A {A} $one ${a-b} ${}"),
    ],
)
def test_variables_of_the_environment(written: str, secret: str) -> None:
    assert reveal(msgspec.convert(written, Secret), {"A": "one", "B": "two"}) == secret


def test_what_a_variable_holds_is_not_looked_into() -> None:
    assert reveal("${A}", {"A": "${B}", "B": "two"}) == "${B}"


def test_every_missing_variable_is_named() -> None:
    with pytest.raises(NoSecret, match="has no B and no C: set it"):
        reveal("${A}${B}${C}", {"A": "hunter2", "C": ""})


def test_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    secret: Any = msgspec.convert({"file": str(file)}, Secret)
    assert secret == SecretFile(str(file))
    file.write_text(" hunter2 ${A}\r\n\n")
    assert reveal(secret, {}) == " hunter2 ${A}"


@pytest.mark.parametrize("content", [None, b"", b"\n", b"\xff", b"x" * (MAX_SECRET_BYTES + 1)])
def test_a_file_that_is_none(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "secret"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(NoSecret, match="the secret in "):
        reveal(SecretFile(str(file)), {})


@pytest.mark.parametrize("written", ["", 5, {"file": ""}, {"path": "x"}, {"file": "x", "other": 1}])
def test_what_is_no_secret(written: Any) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(written, Secret)


def test_what_can_be_looked_at_when_settings_are_read() -> None:
    assert is_plain("https://hooks.example")
    assert not is_plain("https://hooks.example/${A}")
    assert not is_plain(SecretFile("x"))
