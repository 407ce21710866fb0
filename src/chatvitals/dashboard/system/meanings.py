"""What each outcome of a received event means, and what to do about it. The reference has the same, by the request."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Meaning:
    """`kept` says that the event is in the store; `todo` is empty where nothing needs to be done."""

    kept: bool
    means: str
    todo: str = ""


_FIELD = "send the field as the reference of events has it"

_MEANINGS: dict[tuple[str, str], Meaning] = {
    ("stored", ""): Meaning(True, "it is in the store"),
    ("duplicate", "batch_seen"): Meaning(False, "its batch was accepted before and is there once"),
    ("duplicate", "row_seen"): Meaning(False, "an imported row that was there already"),
    ("limited", "key_rate"): Meaning(
        False, "its key sent more than it may", "raise max_key_events_per_s, or lower the SDK's sampling rate"
    ),
    ("limited", "unavailable"): Meaning(
        False, "the spool was full or could not be written, or the server ended", "look at the spool and the disk"
    ),
    ("rejected", "unsupported_media"): Meaning(
        False, "its content type or encoding is not read here", "send application/json or text/plain, plain or gzipped"
    ),
    ("rejected", "too_large"): Meaning(
        False, "its body, or the batch, is over the limit", "send smaller batches, or raise max_body_bytes"
    ),
    ("rejected", "timed_out"): Meaning(False, "its body took too long to arrive"),
    ("rejected", "bad_request"): Meaning(False, "its batch could not be read", "send what the reference of events has"),
    ("rejected", "unauthorised"): Meaning(
        False, "it came with no key, or with an unknown one", "put the key of a site into the widget's init()"
    ),
    ("rejected", "forbidden"): Meaning(
        False,
        "its key was revoked, or its page's origin is not allowed",
        "use a living key; add the origin to the site's allowed ones",
    ),
    ("rejected", "batch_conflict"): Meaning(
        False, "its batch has the id of another one", "give each batch an id of its own"
    ),
    ("rejected", "unfit"): Meaning(
        False, "it passed every check and can't be stored: a mistake of ours", "please report it"
    ),
    ("rejected", "malformed"): Meaning(False, "it could not be decoded", _FIELD),
    ("rejected", "missing_field"): Meaning(False, "a field that it must have is missing", _FIELD),
    ("rejected", "unknown_kind"): Meaning(
        False,
        "there is no such kind of event",
        "use a kind that the reference lists; is the SDK newer than the server?",
    ),
    ("rejected", "unknown_value"): Meaning(False, "a field has a word that isn't one of its words", _FIELD),
    ("rejected", "out_of_range"): Meaning(False, "a number is out of its bounds", _FIELD),
    ("rejected", "wrong_type"): Meaning(False, "a field has a value of another type", _FIELD),
    ("rejected", "too_old"): Meaning(
        False, "it happened longer ago than is taken", "raise max_event_age_hours, or import it"
    ),
    ("rejected", "in_future"): Meaning(False, "it claims to happen later", "let the sender say its clock in sentAt"),
}


def meaning_of(outcome: str, reason: str) -> Meaning | None:
    """What it means; None where it isn't known here, as after a downgrade."""
    if outcome == "folded":
        return Meaning(
            True,
            f"it is in the store, with __other__ for a value of {reason} beyond its cap",
            "send fewer different values: ids and times don't belong into dimensions",
        )
    return _MEANINGS.get((outcome, reason))
