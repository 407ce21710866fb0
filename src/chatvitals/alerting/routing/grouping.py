"""What each group has to tell at a moment, and what is to be remembered of it.

Pure: incidents, groups as they were, the configuration and the time in; notifications and groups as they are out.
Nothing happens between two reviews, so a server that was away, or a clock that jumped, makes a group tell once,
whatever was missed. What is hidden from a group is not told, neither that it is there nor that it resolved. It is told
when it is seen again, if it still is news.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from msgspec import structs

from chatvitals.alerting.routing.notifications import make_notification
from chatvitals.alerting.routing.placing import Placer
from chatvitals.alerting.routing.routes import Escalation, Route
from chatvitals.alerting.routing.views import View, look
from chatvitals.notify.message import Notification, Reason
from chatvitals.store.control.dispatches import Group, Known
from chatvitals.store.control.incidents import Incident, IncidentStatus


@dataclass(frozen=True, slots=True)
class Review:
    """What is to be told, and those groups that are not as they were; None: to be forgotten."""

    notifications: list[Notification]
    groups: dict[str, Group | None]


def review(placer: Placer, incidents: Iterable[Incident], groups: Mapping[str, Group], now_ms: int) -> Review:
    """What is due at a moment. `incidents` are all open ones and those that groups know."""
    done = Review([], {})
    for key, view in look(placer, incidents, groups, now_ms).items():
        before = groups.get(key)
        after, told = advance(key, before, view, now_ms)
        if after != before:
            done.groups[key] = after
        done.notifications.extend(one for one in told if one.receiver in placer.routing.receivers)
    return done


def advance(key: str, before: Group | None, view: View, now_ms: int) -> tuple[Group | None, list[Notification]]:
    """A group after a moment, and what it tells then: at most one thing to each receiver."""
    group = before and _caught_up(before, view, now_ms)
    if group is None or not group.known:
        return _begin(key, view, now_ms)
    reason = _reason(group, view, now_ms)
    if reason is not None:
        return _tell(key, group, view, reason, now_ms)
    return _escalate(key, group, view, now_ms)


def _begin(key: str, view: View, now_ms: int) -> tuple[Group | None, list[Notification]]:
    route = view.route
    if route is None or not any(_has_waited(route, incident, now_ms) for incident in view.seen):
        return None, []
    group = Group(
        way=route.way,
        receiver=route.receiver,
        labels=view.labels,
        first=min(view.seen, key=lambda incident: (incident.opened_ms, incident.id)).id,
        told_ms=now_ms,
    )
    return _tell(key, group, view, Reason.OPENED, now_ms)


def _has_waited(route: Route, incident: Incident, now_ms: int) -> bool:
    """Whether an incident is old enough to be told first; one from the future is, since the clock was set back."""
    return route.hurries(incident.severity) or not 0 <= now_ms - incident.opened_ms < route.group_wait_ms


def _caught_up(group: Group, view: View, now_ms: int) -> Group:
    """The group without incidents that exist no more and times that are still to come, and with pauses as they are."""
    waiting = {incident.id for incident in view.seen if incident.status is IncidentStatus.OPEN}
    known = {}
    for id, one in group.known.items():
        if id in view.kept:
            paused = id not in waiting
            since = now_ms if paused is not one.paused else min(one.waits_ms, now_ms)
            known[id] = structs.replace(one, paused=paused, waits_ms=since)
    return structs.replace(group, told_ms=min(group.told_ms, now_ms), known=known)


def _reason(group: Group, view: View, now_ms: int) -> Reason | None:
    """Why the route's receiver is told something now."""
    since = now_ms - group.told_ms
    if view.route is None:
        return Reason.CHANGED if view.resolved else None
    fresh = [incident for incident in view.seen if _is_news(incident, group)]
    if (fresh or view.resolved) and (since >= view.route.group_interval_ms or _hurry(view.route, group, fresh)):
        return Reason.CHANGED
    if since >= view.route.repeat_interval_ms and any(_waits(incident, group) for incident in view.seen):
        return Reason.REPEATED
    return None


def _is_news(incident: Incident, group: Group) -> bool:
    known = group.known.get(incident.id)
    return known is None or incident.severity.rank > known.severity.rank


def _waits(incident: Incident, group: Group) -> bool:
    known = group.known.get(incident.id)
    return known is not None and not known.paused


def _hurry(route: Route, group: Group, fresh: Sequence[Incident]) -> bool:
    """Whether the first incident that is grave enough for it has come to a group."""
    return any(route.hurries(incident.severity) for incident in fresh) and not any(
        route.hurries(known.severity) for known in group.known.values()
    )


def _tell(key: str, group: Group, view: View, reason: Reason, now_ms: int) -> tuple[Group | None, list[Notification]]:
    """Tell the route's receiver of everything, and those that incidents were escalated to of what became of these."""
    group = structs.replace(group, ordinal=group.ordinal + 1, told_ms=now_ms)
    everything = [*view.seen, *view.resolved]
    told = {group.receiver: everything}
    for receiver in _escalated_to(group):
        theirs = [incident for incident in everything if receiver in _receivers(incident, group)]
        if any(_is_due(incident, group, reason) for incident in theirs):
            told.setdefault(receiver, theirs)
    notifications = [
        make_notification(key, group, receiver, reason, incidents, now_ms) for receiver, incidents in told.items()
    ]
    resolved = {incident.id for incident in view.resolved}
    known = {id: one for id, one in group.known.items() if id not in resolved}
    known |= {incident.id: _told(incident, group, now_ms) for incident in view.seen}
    return (structs.replace(group, known=known) if known else None), notifications


def _is_due(incident: Incident, group: Group, reason: Reason) -> bool:
    """Whether somebody who knows of an incident is told of it again."""
    if incident.status is IncidentStatus.RESOLVED or _is_news(incident, group):
        return True
    return reason is Reason.REPEATED and _waits(incident, group)


def _told(incident: Incident, group: Group, now_ms: int) -> Known:
    known = group.known.get(incident.id)
    if known is None:
        acknowledged = incident.status is IncidentStatus.ACKNOWLEDGED
        return Known(severity=incident.severity, waits_ms=now_ms, paused=acknowledged)
    return structs.replace(known, severity=incident.severity) if _is_news(incident, group) else known


def _escalated_to(group: Group) -> list[str]:
    return list(dict.fromkeys(receiver for known in group.known.values() for receiver in known.receivers))


def _receivers(incident: Incident, group: Group) -> tuple[str, ...]:
    known = group.known.get(incident.id)
    return known.receivers if known else ()


def _escalate(key: str, group: Group, view: View, now_ms: int) -> tuple[Group, list[Notification]]:
    """Tell the next in line of all incidents that wait for that one, once the first of them has waited long enough."""
    waiting = [incident for incident in view.seen if _waits(incident, group)]
    previous_ms = 0
    for step in view.route.escalations if view.route else ():
        theirs = [incident for incident in waiting if step.receiver not in group.known[incident.id].receivers]
        waiting = [incident for incident in waiting if step.receiver in group.known[incident.id].receivers]
        pause_ms, previous_ms = step.after_ms - previous_ms, step.after_ms
        if any(now_ms - group.known[incident.id].waits_ms >= pause_ms for incident in theirs):
            group = structs.replace(group, ordinal=group.ordinal + 1)
            known = {incident.id: _escalated(group.known[incident.id], step, now_ms) for incident in theirs}
            notification = make_notification(key, group, step.receiver, Reason.ESCALATED, theirs, now_ms)
            return structs.replace(group, known={**group.known, **known}), [notification]
    return group, []


def _escalated(known: Known, step: Escalation, now_ms: int) -> Known:
    return structs.replace(known, waits_ms=now_ms, receivers=(*known.receivers, step.receiver))
