"""Which incidents a silence hides, and would have hidden: what people look at before they add one."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from chatvitals.alerting.routing.matchers import Matcher
from chatvitals.alerting.routing.silencing import hidden_by
from chatvitals.store.control.incidents import OPEN, Incident, Incidents, Wanted

_DAY_MS = 86_400_000
_PAGE = 500
_MOST_LOOKED_AT = 10_000
_MOST_SHOWN = 100


class Hidden(Struct, rename="camel", frozen=True):
    """Incidents that a silence hides: how many of how many, and the newest of them."""

    count: int
    of: int
    incidents: list[Incident]


class PreviewAnswer(Struct, rename="camel", frozen=True, kw_only=True):
    """What a silence would hide now, and would have hidden of what was opened in the last days.

    `complete` is false where there was more than was looked at, which are the newest 10,000 of each.
    """

    open: Hidden
    past: Hidden
    days: int
    complete: bool


def preview_silence(incidents: Incidents, matchers: Sequence[Matcher], days: int, now_ms: int) -> PreviewAnswer:
    """What a silence with these matchers hides."""
    chosen = (Wanted(statuses=OPEN), Wanted(opened_from_ms=now_ms - days * _DAY_MS))
    looked_at = [list(_look(incidents, wanted)) for wanted in chosen]
    open, past = (_hidden(hidden_by(matchers, found), len(found)) for found in looked_at)
    complete = all(len(found) < _MOST_LOOKED_AT for found in looked_at)
    return PreviewAnswer(open=open, past=past, days=days, complete=complete)


def _look(incidents: Incidents, wanted: Wanted) -> Iterator[Incident]:
    """The newest incidents of this kind, a page at a time."""
    after = ""
    for _ in range(_MOST_LOOKED_AT // _PAGE):
        page = incidents.find(wanted, _PAGE, after)
        yield from page
        if len(page) < _PAGE:
            return
        after = page[-1].id


def _hidden(incidents: list[Incident], of: int) -> Hidden:
    return Hidden(len(incidents), of, incidents[:_MOST_SHOWN])
