"""Signatures as Standard Webhooks has them (standardwebhooks.com, version 1.0.0): HMAC-SHA256 of id, time and body."""

import base64
import binascii
from collections.abc import Iterable
from datetime import UTC, datetime

from standardwebhooks import Webhook

from chatvitals.errors import ChatvitalsError

PREFIX = "whsec_"
MIN_KEY_BYTES, MAX_KEY_BYTES = 24, 64
"""What the specification recommends, and demands of us."""


class BadSecret(ChatvitalsError):
    """A secret that can't sign."""


def key_of(secret: str) -> bytes:
    """The key in a secret. Raises BadSecret."""
    try:
        if not secret.startswith(PREFIX):
            raise ValueError
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (ValueError, binascii.Error) as error:
        raise BadSecret(f"a secret is {PREFIX} and then a key in base64: make one with `{_MAKE}`") from error
    if not MIN_KEY_BYTES <= len(key) <= MAX_KEY_BYTES:
        raise BadSecret(f"a secret's key has {MIN_KEY_BYTES} to {MAX_KEY_BYTES} bytes: make one with `{_MAKE}`")
    return key


_MAKE = 'echo "whsec_$(openssl rand -base64 32)"'


def sign(message: str, now_ms: int, body: str, secrets: Iterable[str]) -> dict[str, str]:
    """The three headers; without secrets there is no signature among them. Raises BadSecret."""
    moment = datetime.fromtimestamp(now_ms // 1_000, UTC)
    headers = {"webhook-id": message, "webhook-timestamp": str(now_ms // 1_000)}
    signatures = [Webhook(key_of(secret)).sign(message, moment, body) for secret in secrets]
    if signatures:
        headers["webhook-signature"] = " ".join(signatures)
    return headers
