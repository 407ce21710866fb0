"""What makes a silence, and what it would hide."""

from collections.abc import Iterable, Sequence
from typing import Annotated

from msgspec import Meta, Struct

from chatvitals.alerting.durations import Duration, parse_duration, say_duration
from chatvitals.alerting.routing.form import Matchers
from chatvitals.alerting.routing.matchers import BadMatcher, Matcher, all_match, parse_matcher
from chatvitals.alerting.routing.routes import labels_of
from chatvitals.errors import BadRequest
from chatvitals.query.request import parse_time
from chatvitals.store.control.incidents import Incident
from chatvitals.store.control.silences import Silence

MAX_LENGTH_MS = 90 * 86_400_000

SomeMatchers = Annotated[
    Matchers,
    Meta(min_length=1, description="As customer=acme, severity!=critical or release=~2[.]4[.].*; all have to hold."),
]
Moment = Annotated[str | int, Meta(description="Unix milliseconds or RFC 3339.")]


class SilenceForm(Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A silence as people ask for it: from now or `starts` on, up to `ends` or for as long as it `lasts`."""

    matchers: SomeMatchers
    starts: Moment | None = None
    ends: Moment | None = None
    lasts: Duration | None = None
    reason: Annotated[str, Meta(min_length=1, max_length=2_000)]
    author: Annotated[str, Meta(min_length=1, max_length=200)]


def make_silence(form: SilenceForm, id: str, now_ms: int) -> Silence:
    """The silence that is asked for. Raises BadRequest."""
    starts_ms = now_ms if form.starts is None else max(now_ms, parse_time(str(form.starts), "starts"))
    ends_ms = _end(form, starts_ms)
    if ends_ms <= starts_ms:
        raise BadRequest("ends has to be later than now and than starts", "ends")
    if ends_ms - starts_ms > MAX_LENGTH_MS:
        raise BadRequest(
            f"a silence lasts at most {say_duration(MAX_LENGTH_MS)}: what is so for good, rules say", "ends"
        )
    reason, author = form.reason.strip(), form.author.strip()
    for name, text in (("reason", reason), ("author", author)):
        if not text:
            raise BadRequest(f"{name} is empty: others have to know why nobody is told, and whom to ask", name)
    return Silence(
        id=id,
        matchers=tuple(map(str, read_matchers(form.matchers))),
        starts_ms=starts_ms,
        ends_ms=ends_ms,
        reason=reason,
        author=author,
        created_ms=now_ms,
    )


def _end(form: SilenceForm, starts_ms: int) -> int:
    match form.ends, form.lasts:
        case None, str(lasts):
            return starts_ms + parse_duration(lasts)
        case ends, None if ends is not None:
            return parse_time(str(ends), "ends")
    raise BadRequest("a silence needs an end: give either ends, or how long it lasts, as 2h", "ends")


def read_matchers(texts: Sequence[str]) -> tuple[Matcher, ...]:
    """The matchers of a silence. Raises BadRequest, also where they would hide everything."""
    try:
        matchers = tuple(map(parse_matcher, texts))
    except BadMatcher as error:
        raise BadRequest(str(error), "matchers") from error
    if all_match(matchers, {}):
        raise BadRequest("these hold for every incident: name a label that it has to have, as site=shop", "matchers")
    return matchers


def hidden_by(matchers: Sequence[Matcher], incidents: Iterable[Incident]) -> list[Incident]:
    """The incidents that a silence with these matchers hides."""
    return [incident for incident in incidents if all_match(matchers, labels_of(incident))]
