"""What holds of every story, however incidents, silences, servers and clocks come and go."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs
from tests.support.timeline import START_MS, make_incident

from chatvitals.alerting.documents import parse
from chatvitals.alerting.routing.grouping import review
from chatvitals.alerting.routing.matchers import Matcher, all_match, parse_matcher
from chatvitals.alerting.routing.placing import Placer
from chatvitals.alerting.routing.reading import read_routing
from chatvitals.alerting.routing.routes import labels_of
from chatvitals.catalogue.severities import Severity
from chatvitals.notify.message import Notification, Reason
from chatvitals.store.control.dispatches import Group
from chatvitals.store.control.incidents import Incident, IncidentStatus

ROUTING = read_routing(
    [
        parse(
            """
receivers:
  - {name: mail, channels: [{type: console}]}
  - {name: pager, channels: [{type: console}]}
  - {name: boss, channels: [{type: console}]}
route:
  groupBy: [site]
  repeatInterval: 1h
  escalate: [{after: 15m, receiver: boss}]
  routes:
    - {match: [severity=critical], receiver: pager, continue: true}
    - {match: [site=shop], receiver: mail}
inhibit: [{source: [severity=critical], target: [severity=info], equal: [site]}]
""",
            "routing.yaml",
        )
    ]
)
SILENCES = [(parse_matcher("customer=acme"),), (parse_matcher("severity=warning"), parse_matcher("site=blog"))]

_NAMES = st.integers(0, 7)
_STEPS = st.one_of(
    st.tuples(st.just("open"), _NAMES, st.sampled_from(list(Severity))),
    st.tuples(st.just("grade"), _NAMES, st.sampled_from(list(Severity))),
    st.tuples(st.just("acknowledge"), _NAMES),
    st.tuples(st.just("resolve"), _NAMES),
    st.tuples(st.just("silence"), st.integers(0, 1)),
    st.tuples(st.just("pass"), st.sampled_from([1, 5, 11, 60, 301, 901, 4_000, 90_000, -5, -4_000, -90_000])),
)


@dataclass
class World:
    """Incidents by name, and what was told of them."""

    now_ms: int = START_MS
    incidents: dict[str, Incident] = field(default_factory=dict)
    open: dict[int, str] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    silenced: set[int] = field(default_factory=set)
    told: list[Notification] = field(default_factory=list)

    def do(self, step: Sequence[object]) -> None:
        match step:
            case "open", int(name), Severity() as severity if name not in self.open:
                id = f"{name}.{len(self.incidents)}"
                labels = {"site": ("shop", "blog")[name % 2], "customer": ("acme", "globex", "initech")[name % 3]}
                self.open[name] = id
                self.incidents[id] = make_incident(id, self.now_ms, severity.value, **labels)
            case "grade", int(name), Severity() as severity if name in self.open:
                self._change(name, severity=severity)
            case "acknowledge", int(name) if name in self.open:
                self._change(name, status=IncidentStatus.ACKNOWLEDGED)
            case "resolve", int(name) if name in self.open:
                self._change(name, status=IncidentStatus.RESOLVED, resolved_ms=self.now_ms)
                del self.open[name]
            case "silence", int(number):
                self.silenced ^= {number}
            case "pass", int(seconds):
                self.now_ms += seconds * 1_000

    def _change(self, name: int, **fields: object) -> None:
        id = self.open[name]
        self.incidents[id] = structs.replace(self.incidents[id], **fields)

    @property
    def silences(self) -> list[tuple[Matcher, ...]]:
        return [SILENCES[number] for number in sorted(self.silenced)]

    def look(self) -> list[Notification]:
        known = {id for group in self.groups.values() for id in group.known}
        given = [
            incident
            for id, incident in self.incidents.items()
            if id in known or incident.status is not IncidentStatus.RESOLVED
        ]
        done = review(Placer(ROUTING, self.silences), given, self.groups, self.now_ms)
        for key, group in done.groups.items():
            self.groups.pop(key, None)
            if group is not None:
                self.groups[key] = group
        self.told += done.notifications
        return done.notifications


@settings(max_examples=150)
@given(steps=st.lists(_STEPS, max_size=40))
def test_whoever_is_told_that_it_began_is_told_once_that_it_ended(steps: list[tuple[object, ...]]) -> None:
    world = World()
    for step in steps:
        world.do(step)
        world.look()
    for name in list(world.open):
        world.do(("resolve", name))
    world.silenced = set()
    for _ in range(3):
        world.do(("pass", 400))
        world.look()
    assert world.groups == {}
    knows: set[tuple[str, str, str]] = set()
    for notification in world.told:
        for told in notification.incidents:
            who = (notification.thread, notification.receiver, told.incident)
            if told.resolved_ms is None:
                knows.add(who)
            else:
                assert who in knows, f"{who} is told an end without a beginning, or twice"
                knows.remove(who)
    assert not knows


@settings(max_examples=150)
@given(steps=st.lists(_STEPS, max_size=40))
def test_notifications_are_few_and_of_what_may_be_told(steps: list[tuple[object, ...]]) -> None:
    world = World()
    for step in steps:
        world.do(step)
        told = world.look()
        assert len({(one.thread, one.receiver) for one in told}) == len(told)
        for notification in told:
            assert notification.incidents
            over = all(incident.resolved_ms is not None for incident in notification.incidents)
            assert (notification.reason is Reason.RESOLVED) is over
            for incident in notification.incidents:
                labels = labels_of(world.incidents[incident.incident])
                assert not any(all_match(silence, labels) for silence in world.silences)
        again = world.look()  # at the same moment only another one in line may be due
        assert {one.reason for one in again} <= {Reason.ESCALATED}
    ids = [notification.id for notification in world.told]
    assert len(set(ids)) == len(ids)


@settings(max_examples=150)
@given(steps=st.lists(_STEPS, max_size=40))
def test_what_is_due_is_worked_out_the_same_again(steps: list[tuple[object, ...]]) -> None:
    world = World()
    for step in steps:
        world.do(step)
        before = dict(world.groups)
        told = world.look()
        after, world.groups = world.groups, before
        assert world.look() == told
        assert world.groups == after
