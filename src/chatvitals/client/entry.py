"""One event as it waits: checked and encoded when it is recorded, so that later only the way can fail."""

from typing import Any, NamedTuple

import msgspec

from chatvitals.catalogue.dimensions import Context
from chatvitals.catalogue.kinds import KINDS


class Entry(NamedTuple):
    """`context` and `event` are JSON. Entries of the same context may travel in one batch."""

    context: bytes
    event: bytes


_encode = msgspec.json.Encoder().encode
_check_context = msgspec.json.Decoder(Context).decode
_CHECKS = {name: msgspec.json.Decoder(kind).decode for name, kind in KINDS.items()}


def encode_entry(kind: str, fields: dict[str, Any], context: dict[str, Any]) -> Entry:
    """Check an event as the server will, by decoding it. `fields` and `context` go by their names in Python.

    Raises:
        ValueError: if the kind, or a field of it or of the context, isn't one of the catalogue's, or has a value out
            of its limits.
    """
    struct = KINDS.get(kind)
    if struct is None:
        raise ValueError(f"there is no kind {kind!r}; known ones are {', '.join(KINDS)}")
    try:
        entry = Entry(_encode(Context(**context)), _encode(struct(**fields)))
        _check_context(entry.context)
        _CHECKS[kind](entry.event)
    except (TypeError, msgspec.MsgspecError) as error:  # an unknown field or a type that JSON hasn't; a wrong value
        raise ValueError(f"{kind}: {error}") from error
    return entry
