"""The figures that sum up how a server fares."""

from chatvitals.dashboard.elements.fact import Fact
from chatvitals.dashboard.elements.shown import Shown
from chatvitals.dashboard.saying import ago, count, digits, duration, share, show
from chatvitals.dashboard.system.troubles import FULL, LATE_MS
from chatvitals.dashboard.system_state import SystemState


def facts_of(state: SystemState, now_ms: int) -> tuple[Fact, ...]:
    """In the order of an event's way."""
    writing, alerting = state.writing, state.alerting
    waits = f"the oldest for {duration(now_ms - writing.oldest_ms)}" if writing.oldest_ms else "nothing waits"
    last = max((one.at_ms for one in alerting.ticked), default=None)
    rate = f"{writing.written_per_s:,.1f} events a second"
    return (
        Fact(
            "Written now",
            Shown(digits(writing.written_per_s), "events/s", rate),
            f"{count(writing.written_events)} since the start",
        ),
        Fact(
            "From receipt to store",
            _lag(writing.lag_ms, writing.store_failure),
            f"written {ago(writing.written_ms, now_ms)}" if writing.written_ms else "nothing was written yet",
        ),
        Fact("In the spool", _waiting(state), waits),
        Fact("Free on the disk", _disk(state), f"of {show(state.disk_bytes, 'bytes').said}"),
        Fact(
            "Alerts evaluated",
            _evaluated(state),
            f"last {ago(last, now_ms)}" if last else f"{count(alerting.failures)} failures since the start",
        ),
        Fact(
            "Up",
            Shown(duration(now_ms - state.started_ms), "", f"{now_ms - state.started_ms:,} ms"),
            f"version {state.versions['chatvitals']}, process {state.pid}",
        ),
    )


def _lag(lag_ms: int | None, failure: str) -> Shown:
    if failure:
        return show(lag_ms, "ms", "bad")
    return show(lag_ms, "ms", "" if lag_ms is None else "good" if lag_ms < LATE_MS else "warning")


def _waiting(state: SystemState) -> Shown:
    writing = state.writing
    used = writing.waiting_bytes / writing.waiting_most_bytes
    grade = "bad" if writing.spool_failure or used >= 1 else "warning" if used >= FULL else "good"
    return show(writing.waiting_bytes, "bytes", grade)


def _disk(state: SystemState) -> Shown:
    used = 1 - state.disk_free_bytes / state.disk_bytes
    shown = show(state.disk_free_bytes, "bytes", "bad" if used >= 0.95 else "warning" if used >= FULL else "good")
    return Shown(shown.text, shown.unit, f"{shown.exact}, {share(100 - used * 100)} %", shown.grade)


def _evaluated(state: SystemState) -> Shown:
    if state.alerting.here:
        return Shown("here", "", "this server has the lease", "good")
    if state.alerting.holder:
        return Shown("elsewhere", "", "another server has the lease", "good")
    return Shown("nowhere", "", "no server has the lease", "bad")
