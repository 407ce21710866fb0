"""The route tree: to which receivers incidents go by their labels, in which groups, and how often these are told.

An incident enters at the root and goes down to the first child whose matchers all hold, and past it to its next
siblings where that one says `continue`. It stays at a route none of whose children it entered.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import msgspec
from msgspec import Struct

from chatvitals.alerting.routing.intervals import TimeInterval, holds
from chatvitals.alerting.routing.matchers import Matcher, all_match
from chatvitals.catalogue.severities import Severity
from chatvitals.notify.receivers import Receiver
from chatvitals.store.control.incidents import Incident

EVERY_LABEL = "..."
"""In `group_by`: each alert has a group of its own."""

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Escalation:
    """Whom to tell when nobody acknowledged within `after_ms` of being told."""

    after_ms: int
    receiver: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A place of the tree, with what it inherits filled in.

    `way` says what has to match on the way from the root, a text for each place; no other route has the same. Incidents
    of at least `at_once` don't wait, where they are the first such ones of their group.
    """

    receiver: str
    way: tuple[str, ...] = ()
    matchers: tuple[Matcher, ...] = ()
    group_by: tuple[str, ...] = ("site", "rule")
    group_wait_ms: int = 1_000
    group_interval_ms: int = 300_000
    repeat_interval_ms: int = 4 * 3_600_000
    at_once: Severity | None = Severity.CRITICAL
    escalations: tuple[Escalation, ...] = ()
    active_times: tuple[str, ...] = ()
    mute_times: tuple[str, ...] = ()
    goes_on: bool = False
    routes: tuple["Route", ...] = ()

    def all(self) -> Iterator["Route"]:
        """The route and those below it."""
        yield self
        for route in self.routes:
            yield from route.all()

    def hurries(self, severity: Severity) -> bool:
        """Whether it is grave enough to be told at once."""
        return self.at_once is not None and severity.rank >= self.at_once.rank

    def group_labels(self, labels: Labels) -> dict[str, str]:
        """The labels of the group that an incident with these labels belongs to."""
        if EVERY_LABEL in self.group_by:
            return {name: value for name, value in labels.items() if name != "severity"}
        return {name: labels.get(name, "") for name in self.group_by}

    def group_key(self, group_labels: Labels) -> str:
        """What names the group among all groups of all routes."""
        written = msgspec.json.encode((self.way, self.receiver, sorted(group_labels.items())))
        return hashlib.sha256(written).hexdigest()


@dataclass(frozen=True, slots=True)
class Inhibition:
    """While an incident is open that `source` chooses, none is told that `target` chooses and that has the same `equal`
    labels."""

    source: tuple[Matcher, ...]
    target: tuple[Matcher, ...]
    equal: tuple[str, ...] = ()


@dataclass(frozen=True)
class Routing:
    """All that is configured of routing."""

    receivers: Mapping[str, Receiver]
    root: Route
    inhibitions: tuple[Inhibition, ...] = ()
    intervals: Mapping[str, TimeInterval] = field(default_factory=dict)

    def find(self, way: tuple[str, ...], receiver: str) -> Route | None:
        """The route to which a way leads, if it has that receiver."""
        route = self._by_way.get(way)
        return route if route is not None and route.receiver == receiver else None

    @cached_property
    def _by_way(self) -> dict[tuple[str, ...], Route]:
        return {route.way: route for route in self.root.all()}

    def held(self, route: Route, at_ms: int) -> str:
        """What keeps a route from telling at a moment, an interval or those that it is active in; else empty."""
        for name in route.mute_times:
            if holds(self.intervals[name], at_ms):
                return name
        if route.active_times and not any(holds(self.intervals[name], at_ms) for name in route.active_times):
            return f"not {', '.join(route.active_times)}"
        return ""


def labels_of(incident: Incident) -> dict[str, str]:
    """The labels that matchers see: the incident's own, and what it is."""
    site = {"site": incident.site} if incident.site else {}
    return {
        **site,
        **incident.labels,
        "rule": incident.rule,
        "category": incident.category,
        "severity": incident.severity,
    }


def find_routes(route: Route, labels: Labels) -> Iterator[Route]:
    """The routes at which an incident with these labels stays, once it is at `route`."""
    entered = False
    for child in route.routes:
        if all_match(child.matchers, labels):
            entered = True
            yield from find_routes(child, labels)
            if not child.goes_on:
                break
    if not entered:
        yield route


class EscalationAnswer(Struct, rename="camel", frozen=True):
    """Who would be told after how long without an acknowledgement."""

    after_ms: int
    receiver: str


class RouteAnswer(Struct, rename="camel", frozen=True, kw_only=True):
    """A receiver that would be told, and why.

    `way` is what matched, from the root on. `held` says which times keep it from being told at the moment asked for;
    empty where none does.
    """

    receiver: str
    way: tuple[str, ...]
    group: Mapping[str, str]
    wait_ms: int
    repeat_ms: int
    held: str
    escalations: tuple[EscalationAnswer, ...]


def explain_route(routing: Routing, labels: Labels, at_ms: int) -> tuple[RouteAnswer, ...]:
    """Who would be told of an incident with these labels, were it opened at a moment; silences aren't looked at."""
    return tuple(_answer(routing, route, labels, at_ms) for route in find_routes(routing.root, labels))


def _answer(routing: Routing, route: Route, labels: Labels, at_ms: int) -> RouteAnswer:
    severity = next((severity for severity in Severity if severity == labels.get("severity")), None)
    return RouteAnswer(
        receiver=route.receiver,
        way=route.way,
        group=route.group_labels(labels),
        wait_ms=0 if severity and route.hurries(severity) else route.group_wait_ms,
        repeat_ms=route.repeat_interval_ms,
        held=routing.held(route, at_ms),
        escalations=tuple(EscalationAnswer(step.after_ms, step.receiver) for step in route.escalations),
    )
