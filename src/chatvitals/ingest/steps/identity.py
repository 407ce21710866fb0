"""Replace ids by keyed hashes, so that what is kept leads to nobody."""

from functools import lru_cache
from hashlib import blake2b

from chatvitals.catalogue.kinds import Loss, Message
from chatvitals.ingest.delivery import Delivery

_WITH_CONVERSATION = (Loss, Message)

HASH_BYTES = 8
TAB_BYTES = 4

_LONGEST_CACHED = 80
"""Two UUIDs fit. Ids may have 4,000 characters on the wire, and 65,536 such would be a gigabyte."""


def keyed_hash(salt: bytes, value: str, size: int = HASH_BYTES) -> int:
    """BLAKE2b (RFC 7693) of `value`, keyed by the site's salt, as an integer of `size` bytes; never 0."""
    return (_remembered_hash if len(value) <= _LONGEST_CACHED else _hash)(salt, value, size)


def _hash(salt: bytes, value: str, size: int) -> int:
    return int.from_bytes(blake2b(value.encode(), key=salt, digest_size=size).digest(), "big") or 1


_remembered_hash = lru_cache(65_536)(_hash)


def hash_identities(delivery: Delivery) -> None:
    """Hash the session's, the tab's and the conversations' ids; no id stays 0.

    An import may bring ids that were hashed before (`#` and 16 hexadecimal digits, as an export writes them).
    """
    salt, context = delivery.site.salt, delivery.context
    if context.session_id:
        delivery.session = hashed_id(salt, context.session_id, delivery.live)
        if context.tab_id:
            delivery.tab = (
                int(context.tab_id[1:], 16) & 0xFFFFFFFF
                if _is_hashed(context.tab_id, delivery.live, 2 * TAB_BYTES)
                else keyed_hash(salt, f"{context.session_id}\0{context.tab_id}", TAB_BYTES)
            )
    for event in delivery.events:
        if event.__class__ in _WITH_CONVERSATION:
            conversation = event
            if conversation.conversation_id:
                conversation.conversation_id = format_hash(hashed_id(salt, conversation.conversation_id, delivery.live))


def hashed_id(salt: bytes, value: str, live: bool = True) -> int:
    """The hash of an id, or the hash that an imported id already is."""
    return int(value[1:], 16) if _is_hashed(value, live, 2 * HASH_BYTES) else keyed_hash(salt, value)


@lru_cache(65_536)
def format_hash(value: int, digits: int = 2 * HASH_BYTES) -> str:
    """A hash as exports and answers show it."""
    return f"#{value:0{digits}x}"


def _is_hashed(value: str, live: bool, digits: int) -> bool:
    return not live and len(value) == digits + 1 and value[0] == "#" and all(c in "0123456789abcdef" for c in value[1:])
