"""Moments that explain a curve: when a release was seen for the first time."""

from msgspec import Struct

from chatvitals.catalogue.dimensions import OVERFLOW
from chatvitals.query.build import from_file
from chatvitals.query.request import Question, Window
from chatvitals.store.events.engine import Engine

_LOOK_BACK_MS = 86_400_000
_MOST = 30


class FirstSeen(Struct, rename="camel", frozen=True):
    """A release, and the time of the first event that came from it."""

    release: str
    first_ms: int


def first_seen(engine: Engine, question: Question, kept_from_ms: int) -> list[FirstSeen]:
    """The releases that appear in the window and weren't there in the day before it, oldest first. Raises EngineError.

    Raw events are kept from `kept_from_ms` on: for a day after that nobody can tell what is new from what was there.
    At most 30; where more appear, the rest are not worth a mark each.
    """
    window = question.window
    wide = question.over(Window(window.start_ms - _LOOK_BACK_MS, window.end_ms))
    query = from_file("first_seen", wide)
    from_ms = max(window.start_ms, kept_from_ms + _LOOK_BACK_MS)
    parameters = {**query.parameters, "from_ms": from_ms, "most": _MOST, "overflow": OVERFLOW}
    return [FirstSeen(**row) for row in engine.query(query.sql, parameters)]
