"""What events of the talk with the back end say: messages, the live channel, streamed answers, calls, other tabs."""

from chatvitals.catalogue.kinds import Api, Connection, Message, Stream, TabSync
from chatvitals.dashboard.saying import duration, plural
from chatvitals.dashboard.story.moment import Sort, Told

_STAGES = {
    "sent": ("sent", "messages sent"),
    "acked": ("acknowledged by the server", "messages acknowledged"),
    "received": ("received", "messages received"),
    "rendered": ("on screen", "messages on screen"),
}


def message(event: Message) -> Told:
    """One step of a message."""
    stage, many = _STAGES[event.stage]
    if event.duplicate:
        return Told(
            sort=Sort.MESSAGE,
            words=f"message {event.ordinal} {stage} for the second time",
            many=f"{many} for the second time",
            grade="warning",
        )
    behind = (event.server_ordinal or 0) - event.ordinal
    if event.stage == "rendered" and event.server_ordinal is not None and behind > 0:
        return Told(
            sort=Sort.MESSAGE,
            words=f"the screen ends at message {event.ordinal}; the server has {event.server_ordinal}",
            many="times the screen was behind the server",
            grade="warning",
            meaning=f"{plural(behind, 'message')} not shown yet.",
        )
    took = event.latency
    return Told(
        sort=Sort.MESSAGE,
        words=f"message {event.ordinal} {stage}{f' after {duration(took)}' if took is not None else ''}",
        many=many,
        value=took,
        unit="ms" if took is not None else "",
    )


def back_ends_message(event: Message) -> Told:
    """What the back end tells of a message: that it has it."""
    again = " for the second time" if event.duplicate else ""
    return Told(
        sort=Sort.MESSAGE,
        words=f"the back end has message {event.ordinal}{again}",
        many=f"messages at the back end{again}",
        grade="warning" if event.duplicate else "",
    )


def connection(event: Connection) -> Told:
    """The live channel."""
    again = " again" if event.reconnects else ""
    closed = f", closed before with code {event.close_code}" if event.close_code is not None else ""
    if not event.success:
        return Told(
            sort=Sort.CONNECTION,
            words=f"connecting{again} failed{closed}",
            many="times connecting failed",
            grade="warning",
            meaning="Nothing comes and nothing goes until it is back.",
        )
    if event.gap:
        missed = plural(event.gap, "message")
        came = {True: "all of them came after", False: "they did not come after", None: "whether they came isn't told"}
        return Told(
            sort=Sort.CONNECTION,
            words=f"connected{again}{closed}; {missed} missed while away: {came[event.recovered]}",
            many="times connected again with messages missed",
            grade="good" if event.recovered else "bad" if event.recovered is False else "warning",
        )
    return Told(
        sort=Sort.CONNECTION,
        words=f"connected{again}{closed}",
        many=f"times connected{again}",
        grade="warning" if again else "good",
    )


def stream(event: Stream) -> Told:
    """A streamed answer."""
    ended = {
        "complete": "came whole",
        "resumed": "was interrupted and resumed",
        "aborted": "was broken off by the visitor or the page",
        "truncated": "was cut off",
        "orphaned": "came to its end with nobody there to see it",
    }[event.outcome]
    return Told(
        sort=Sort.MESSAGE,
        words=f"streamed answer {ended}",
        many=f"streamed answers: {event.outcome}",
        grade="bad" if event.outcome == "truncated" else "" if event.outcome == "complete" else "warning",
    )


def api(event: Api) -> Told:
    """A call of the back end."""
    call = f"{event.method} {event.endpoint}" if event.method else event.endpoint
    if not event.success:
        status = f" with {event.status}" if event.status else ""
        return Told(
            sort=Sort.API,
            words=f"{call} failed{status} after {duration(event.duration)}",
            many=f"failed calls of {call}{status}",
            grade="warning",
        )
    return Told(
        sort=Sort.API,
        words=f"{call} answered{' out of the cache' if event.cached else ''} in {duration(event.duration)}",
        many=f"calls of {call}",
        value=event.duration,
        unit="ms",
    )


def tab_sync(event: TabSync) -> Told:
    """A change seen in another tab."""
    if not event.success:
        return Told(
            sort=Sort.TABS,
            words="a change did not reach this tab",
            many="changes did not reach this tab",
            grade="warning",
        )
    return Told(
        sort=Sort.TABS,
        words=f"a change in another tab was seen after {duration(event.latency)}",
        many="changes in another tab seen",
        value=event.latency,
        unit="ms",
    )
