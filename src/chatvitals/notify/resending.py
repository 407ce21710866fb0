"""Having a dead letter sent again."""

from chatvitals.errors import Conflict, NotFound
from chatvitals.store.control.outbox import LetterRecord, Outbox


def resend_letter(outbox: Outbox, id: str, now_ms: int) -> LetterRecord:
    """Let a dead letter wait again, with all attempts before it. Raises NotFound, and Conflict where it isn't dead."""
    sent = outbox.resend(id, now_ms)
    letter = outbox.get(id)
    if letter is None:
        raise NotFound(f"there is no letter {id[:64]!r} in the outbox")
    if not sent:
        raise Conflict(f"only a dead letter is sent again, and this one is {letter.status}")
    return letter
