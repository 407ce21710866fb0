"""What happened to a session, in a sentence or two."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chatvitals.catalogue.kinds import (
    AnyEvent,
    Api,
    Boot,
    Connection,
    Error,
    Navigation,
    Persistence,
    Render,
    Restoration,
    Storage,
    Stream,
    TabSync,
)
from chatvitals.dashboard.saying import duration, plural
from chatvitals.dashboard.story.ledger import Conversation, Incident, Span, lost_in_words
from chatvitals.dashboard.story.moment import FRAME_MS, Grade
from chatvitals.dashboard.story.reasons import reason_in_words
from chatvitals.query.session_events import SessionEvent
from chatvitals.query.troubles import TROUBLES

CAUSE_WITHIN_MS = 300_000
"""What failed longer before a loss isn't named as what came before it."""

_MOST_SPANS = 3


@dataclass(frozen=True, slots=True)
class Verdict:
    """`words` say the gravest that happened, `more` what else there was."""

    grade: Grade
    words: str
    more: str = ""


def judge(
    events: Sequence[SessionEvent], conversations: Sequence[Conversation], dimensions: Mapping[str, str]
) -> Verdict:
    """The verdict on a session's events, in order, and the ledgers of its conversations.

    What is said to come after something came after it; that the one led to the other, nobody told.
    """
    incidents = [incident for conversation in conversations for incident in conversation.incidents]
    if incidents:
        first = min(incidents, key=lambda incident: incident.place)
        others = sum(conversation.lost for conversation in conversations) - first.lost
        more = f"Beyond that, {plural(others, 'message was', 'messages were')} told as lost." if others > 0 else ""
        return Verdict("bad", _say_loss(first, events, dimensions), more)
    return _judge_the_rest(events, dimensions)


def _say_loss(incident: Incident, events: Sequence[SessionEvent], dimensions: Mapping[str, str]) -> str:
    past = "was" if incident.lost == 1 else "were"
    reached = _reached(incident)
    before = f" {past} {reached} and" if reached else ""
    said = (
        f"{plural(incident.lost, 'message')}{_ordinals(incident)}{before} {lost_in_words(incident.hop, incident.lost)}"
    )
    return f"{said}{_where(events[incident.place], dimensions)}{_came_after(incident, events)}."


def _ordinals(incident: Incident) -> str:
    """Which ordinals are lost, in brackets; empty where that isn't told, or not of all."""
    if incident.among and not incident.spans:
        return f" (among ordinals {_list(incident.among)})"
    if not incident.spans or incident.others:
        return ""
    single = len(incident.spans) == 1 and incident.spans[0].size == 1
    return f" (ordinal{'' if single else 's'} {_list(incident.spans)})"


def _list(spans: Sequence[Span]) -> str:
    more = " and more" if len(spans) > _MOST_SPANS else ""
    return f"{', '.join(map(str, spans[:_MOST_SPANS]))}{more}"


def _reached(incident: Incident) -> str:
    """The surest sign that all of the messages were there."""
    if "acked" in incident.reached:
        return "acknowledged by the server"
    if "received" in incident.reached:
        return "received"
    if incident.arrived:
        return "known to the server"
    if "rendered" in incident.reached:
        return "on screen"
    return "sent" if "sent" in incident.reached else ""


def _where(event: SessionEvent, dimensions: Mapping[str, str]) -> str:
    told = ", ".join(filter(None, (event.page, dimensions.get("browser", ""))))
    return f" on {told}" if told else ""


def _came_after(incident: Incident, events: Sequence[SessionEvent]) -> str:
    """What had failed last before a loss, and how long before."""
    for each in reversed(events[: incident.place]):
        before_ms = incident.at_ms - each.at_ms
        if before_ms > CAUSE_WITHIN_MS:
            break
        said = _failure(each.event)
        if said:
            return f", {duration(before_ms)} after {said}"
    return ""


def _failure(event: AnyEvent) -> str:
    match event:
        case Persistence(success=False, operation=operation, error_type=error_type):
            return f"a failed {operation}{_in_brackets(error_type)}"
        case Storage(available=False, reason=reason):
            return f"storage was found to be denied{_in_brackets(reason)}"
        case Connection(gap=int(gap)) if gap > 0:
            return f"the connection came back with {plural(gap, 'message')} missed"
        case Connection(success=False):
            return "the connection failed"
    return ""


def _in_brackets(reason: str | None) -> str:
    return f" ({reason_in_words(reason)})" if reason else ""


def _judge_the_rest(events: Sequence[SessionEvent], dimensions: Mapping[str, str]) -> Verdict:
    """A session without a loss: by the gravest of what else went wrong, and the first of that."""
    wrong: dict[str, list[tuple[SessionEvent, str]]] = {}
    for each in events:
        trouble, said = _wrong(each.event)
        if trouble:
            wrong.setdefault(trouble, []).append((each, said))
    present = [trouble for trouble in TROUBLES if trouble.name in wrong]
    if not present:
        return Verdict("good", "Nothing is told that went wrong.")
    (first, said), *others = wrong[present[0].name]
    rest = [(len(others), present[0]), *((len(wrong[trouble.name]), trouble) for trouble in present[1:])]
    more = ", ".join(plural(n, trouble.one, trouble.many) for n, trouble in rest if n)
    return Verdict(
        "bad" if present[0].name in _GRAVE else "warning",
        f"{said}{_where(first, dimensions)}. No message is told as lost.",
        f"Beyond that: {more}." if more else "",
    )


_GRAVE = ("identity", "restore", "navigation", "boot")


def _wrong(event: AnyEvent) -> tuple[str, str]:
    """The trouble that an event is, and a sentence on it; empty where it is none."""
    match event:
        case Restoration(identity_matches=False):
            return "identity", "Somebody else's conversation was restored"
        case Restoration(success=False, cause=cause):
            return "restore", f"The conversation was not restored{_in_brackets(cause)}"
        case Navigation(preserved=False, origin=origin):
            return "navigation", f"The conversation did not come along{f' from {origin}' if origin else ''}"
        case Persistence(success=False, operation=operation, error_type=error_type):
            return "storage", f"A {operation} failed{_in_brackets(error_type)}"
        case Boot(stage="failed", reason=reason):
            return "boot", f"The widget did not start{_in_brackets(reason)}"
        case Connection(gap=int(gap), recovered=False) if gap > 0:
            return "connection", f"{plural(gap, 'message')} missed while away did not come after"
        case Stream(outcome="truncated"):
            return "stream", "An answer was cut off"
        case Error(type=type):
            return "error", f"{type} was raised"
        case Api(success=False, endpoint=endpoint, status=status):
            return "api", f"A call of {endpoint} failed{f' with {status}' if status else ''}"
        case TabSync(success=False):
            return "sync", "A change was not seen in another tab"
        case Render(render_time=took) if took > FRAME_MS:
            return "render", f"A message took {duration(took)} to be on screen"
    return "", ""
