"""Secrets of receivers: in the environment, in a file, or as they are; read when they are used, and never shown."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct

from chatvitals.errors import ChatvitalsError

MAX_SECRET_BYTES = 64 << 10
_NAME = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


class SecretFile(Struct, frozen=True, forbid_unknown_fields=True):
    """A secret that is all of a file but the line break at its end."""

    file: Annotated[str, Meta(min_length=1)]


Secret = Annotated[str, Meta(min_length=1, extra={"secret": True})] | SecretFile
"""A text, in which `${NAME}` stands for a variable of the environment, or a file."""


class NoSecret(ChatvitalsError):
    """A secret isn't where the settings say."""


def reveal(secret: Secret, environment: Mapping[str, str]) -> str:
    """The secret itself. Raises NoSecret."""
    if isinstance(secret, SecretFile):
        return _read(Path(secret.file))
    missing = [name for name in _NAME.findall(secret) if not environment.get(name)]
    if missing:
        raise NoSecret(f"the environment has no {' and no '.join(missing)}: set it where the server is started")
    return _NAME.sub(lambda match: environment[match[1]], secret)


def _read(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(MAX_SECRET_BYTES + 1)
    except OSError as error:
        raise NoSecret(f"the secret in {path} can't be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise NoSecret(f"the secret in {path} is not text") from error
    text = text.rstrip("\r\n")
    if not 0 < len(text) <= MAX_SECRET_BYTES:
        raise NoSecret(f"the secret in {path} is empty, or longer than {MAX_SECRET_BYTES} characters")
    return text


def is_plain(secret: Secret) -> bool:
    """Whether it is wholly in the settings, so that it can be looked at when they are read."""
    return isinstance(secret, str) and _NAME.search(secret) is None
