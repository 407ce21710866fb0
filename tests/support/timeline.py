"""Notifications as a timeline: what happens when, and what is wanted when, in seconds of a clock that tests turn.

The dispatcher and its store are real; incidents are put into the store as an evaluation would. Every letter has to be
wanted, and every one wanted has to come.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import yaml
from msgspec import structs
from sqlalchemy import Engine

from chatvitals.alerting.documents import parse
from chatvitals.alerting.routing.dispatch import Dispatcher
from chatvitals.alerting.routing.reading import read_routing
from chatvitals.catalogue.severities import Severity
from chatvitals.notify.message import Notification, Reason
from chatvitals.store.control.database import open_database
from chatvitals.store.control.dispatches import Dispatches
from chatvitals.store.control.incidents import Incident, Incidents, IncidentStatus, Update, put_updates
from chatvitals.store.control.leases import Leases
from chatvitals.store.control.outbox import Outbox
from chatvitals.store.control.silences import Silence, Silences

START_MS = 1_767_614_400_000
"""12:00 UTC of Monday, 2026-01-05."""

RECEIVERS = ("default", "pager", "mail", "boss", "chief")
"""What there is to route to; each has one channel."""

Action = Callable[["Timeline", int], None]
"""Something that happens at a time in Unix milliseconds."""


@dataclass(frozen=True, slots=True)
class Told:
    """A letter: when it came, to whom, why, and of which incidents."""

    at_s: float
    receiver: str
    reason: Reason
    open: tuple[str, ...]
    resolved: tuple[str, ...]
    thread: str
    id: str


@dataclass(frozen=True, slots=True)
class _Wanted:
    from_s: float
    to_s: float
    receiver: str
    reason: Reason
    open: tuple[str, ...]
    resolved: tuple[str, ...]

    def takes(self, told: Told) -> bool:
        return self.from_s <= told.at_s <= self.to_s and (self.receiver, self.reason, self.open, self.resolved) == (
            told.receiver,
            told.reason,
            told.open,
            told.resolved,
        )


class Timeline:
    """A story over one control store.

    The dispatcher works twice a second around what happens and what is wanted, and else once a minute.
    """

    def __init__(self, database: Engine, routing: str) -> None:
        self.database = database
        self.now_ms = START_MS
        self.jumped_ms = 0
        self.away = False
        self.configure(routing)
        self._dispatcher = Dispatcher(Dispatches(database), lambda: self.routing)
        self._lease = Leases(database, lambda: self.now_ms).take("alerting", "one", 1_000)
        self._actions: list[tuple[float, Action]] = []
        self._wanted: list[_Wanted] = []
        self.told: list[Told] = []

    def configure(self, routing: str) -> None:
        """Put other routes into force. Groups wait for 10 s where the routes don't say otherwise."""
        document = yaml.safe_load(routing) or {}
        document.setdefault("route", {}).setdefault("groupWait", "10s")
        document["receivers"] = [{"name": name, "channels": [{"type": "console"}]} for name in RECEIVERS]
        self.routing = read_routing([parse(json.dumps(document), "routing.yaml")])

    def at(self, at_s: float, *actions: Action) -> None:
        """Have things happen."""
        self._actions += [(at_s, action) for action in actions]

    def want(
        self,
        from_s: float,
        to_s: float,
        receiver: str,
        reason: Reason,
        open: Sequence[str] = (),
        resolved: Sequence[str] = (),
    ) -> None:
        """Want one letter between two moments, of these incidents."""
        self._wanted.append(_Wanted(from_s, to_s, receiver, reason, tuple(sorted(open)), tuple(sorted(resolved))))

    def run(self, until_s: float) -> None:
        """Let time pass, and hold what was told against what was wanted."""
        waiting = sorted(self._actions, key=lambda each: each[0])
        for at_s in self._moments(until_s):
            while waiting and waiting[0][0] <= at_s:
                moment_s, action = waiting.pop(0)
                action(self, START_MS + round(moment_s * 1_000) + self.jumped_ms)
            if not self.away:
                self._dispatch(at_s)
        assert not waiting, "the story ends before all of it has happened"
        self._compare()

    def _moments(self, until_s: float) -> list[float]:
        spans = [(at_s, at_s + 2) for at_s, _ in self._actions]
        spans += [(wanted.from_s - 2, wanted.to_s + 1) for wanted in self._wanted]
        near = (range(max(0, int(2 * from_s)), int(2 * to_s) + 1) for from_s, to_s in spans)
        halves = {half for span in near for half in span} | set(range(0, int(2 * until_s) + 1, 120))
        return [half / 2 for half in sorted(halves) if half <= 2 * until_s]

    def _dispatch(self, at_s: float) -> None:
        self.now_ms = START_MS + round(at_s * 1_000) + self.jumped_ms
        assert self._lease is not None
        written = self._dispatcher.dispatch(self._lease, self.now_ms)
        if not written:
            return
        known = {told.id for told in self.told}
        letters = [letter for letter in Outbox(self.database).find(10_000) if letter.id not in known]
        assert len(letters) == written
        for letter in letters:
            notification = msgspec.json.decode(letter.document, type=Notification)
            resolved = {told.incident for told in notification.incidents if told.resolved_ms is not None}
            self.told.append(
                Told(
                    at_s,
                    letter.receiver,
                    notification.reason,
                    tuple(sorted({told.incident for told in notification.open})),
                    tuple(sorted(resolved)),
                    notification.thread,
                    letter.id,
                )
            )

    def _compare(self) -> None:
        missing = list(self._wanted)
        unwanted = []
        for told in self.told:
            found = next((wanted for wanted in missing if wanted.takes(told)), None)
            if found is None:
                unwanted.append(told)
            else:
                missing.remove(found)
        lines = [f"not wanted: {told}" for told in unwanted] + [f"never came: {wanted}" for wanted in missing]
        assert not lines, "\n".join(lines)


@contextmanager
def timeline(path: Path, routing: str) -> Iterator[Timeline]:
    """A story over a new control store in a folder."""
    database = open_database(f"sqlite:///{path / 'control.sqlite'}")
    try:
        yield Timeline(database, routing)
    finally:
        database.dispose()


def opens(id: str, severity: str = "warning", **labels: str) -> Action:
    """An incident begins; its rule is `slow` and its site `shop` unless `labels` say otherwise."""

    def act(story: Timeline, at_ms: int) -> None:
        incident = make_incident(id, at_ms, severity, **labels)
        with story.database.begin() as connection:
            put_updates(connection, [Update(incident, None)])

    return act


def make_incident(id: str, at_ms: int, severity: str = "warning", **labels: str) -> Incident:
    """An open incident."""
    rule, site = labels.pop("rule", "slow"), labels.pop("site", "shop")
    level = Severity(severity)
    return Incident(
        id=id,
        fingerprint=f"fingerprint of {id}",
        rule=rule,
        site=site,
        category="performance",
        severity=level,
        gravest=level,
        status=IncidentStatus.OPEN,
        revision=1,
        title="Slow Message Renders",
        message="P95 render time is 18.52ms, above threshold of 16ms",
        labels={"site": site, "rule": rule, "category": "performance", "severity": severity, **labels},
        value=18.52,
        threshold=16.0,
        unit="ms",
        opened_ms=at_ms,
        updated_ms=at_ms,
    )


def becomes(id: str, severity: str) -> Action:
    """An incident gets graver, or less grave."""
    return _changes(id, lambda _: {"severity": Severity(severity)})


def acknowledges(id: str) -> Action:
    """Somebody takes an incident on."""
    return _changes(
        id,
        lambda at_ms: {
            "status": IncidentStatus.ACKNOWLEDGED,
            "acknowledged_ms": at_ms,
            "acknowledged_by": "dana",
        },
    )


def resolves(id: str) -> Action:
    """An incident ends."""
    return _changes(id, lambda at_ms: {"status": IncidentStatus.RESOLVED, "resolved_ms": at_ms})


def _changes(id: str, make: Callable[[int], dict[str, object]]) -> Action:
    def act(story: Timeline, at_ms: int) -> None:
        changed = Incidents(story.database).change(
            id,
            lambda old: Update(structs.replace(old, revision=old.revision + 1, updated_ms=at_ms, **make(at_ms)), None),
        )
        assert changed is not None

    return act


def silences(*matchers: str, for_s: float, id: str = "a-silence") -> Action:
    """Somebody silences incidents for a while."""

    def act(story: Timeline, at_ms: int) -> None:
        Silences(story.database).add(
            Silence(
                id=id,
                matchers=matchers,
                starts_ms=at_ms,
                ends_ms=at_ms + round(for_s * 1_000),
                reason="maintenance",
                author="dana",
                created_ms=at_ms,
            )
        )

    return act


def ends_silence(id: str = "a-silence") -> Action:
    """Somebody ends a silence early."""

    def act(story: Timeline, at_ms: int) -> None:
        Silences(story.database).end(id, at_ms)

    return act


def goes_away(story: Timeline, _at_ms: int) -> None:
    """No server dispatches."""
    story.away = True


def comes_back(story: Timeline, _at_ms: int) -> None:
    """A server dispatches again."""
    story.away = False


def jumps(by_s: float) -> Action:
    """The clock is set, forward or back."""

    def act(story: Timeline, _at_ms: int) -> None:
        story.jumped_ms += round(by_s * 1_000)

    return act


def configures(routing: str) -> Action:
    """The routes change."""
    return lambda story, _at_ms: story.configure(routing)
