"""What each group sees at a moment: its open incidents, and those that it told and that have resolved.

Silences, inhibitions and the times of its route hide incidents from a group.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field

from chatvitals.alerting.routing.inhibition import Inhibitor
from chatvitals.alerting.routing.matchers import Matcher, all_match
from chatvitals.alerting.routing.routes import Labels, Route, Routing, find_routes, labels_of
from chatvitals.store.control.dispatches import Group
from chatvitals.store.control.incidents import Incident, IncidentStatus


@dataclass(slots=True)
class View:
    """Of one group. `route` is None where there is none any more; `kept` are the known incidents that still exist."""

    route: Route | None
    labels: Labels
    kept: Set[str] = frozenset()
    seen: list[Incident] = field(default_factory=list)
    resolved: list[Incident] = field(default_factory=list)


def look(
    routing: Routing,
    incidents: Iterable[Incident],
    groups: Mapping[str, Group],
    silences: Sequence[Sequence[Matcher]],
    now_ms: int,
) -> dict[str, View]:
    """The views of all groups that are remembered or have open incidents, by their keys.

    `incidents` are all open ones and those that groups know; `silences` the matchers of each silence in force.
    """
    by_id = {incident.id: incident for incident in incidents}
    labels = {id: labels_of(incident) for id, incident in by_id.items()}
    open = {id: incident for id, incident in by_id.items() if incident.status is not IncidentStatus.RESOLVED}
    inhibitor = Inhibitor(routing.inhibitions, (labels[id] for id in open))
    visible = {
        id
        for id in by_id
        if not any(all_match(silence, labels[id]) for silence in silences) and not inhibitor.hides(labels[id])
    }
    views = {}
    for key, group in groups.items():
        view = views[key] = View(
            routing.find(group.way, group.receiver), group.labels, group.known.keys() & by_id.keys()
        )
        view.resolved = [by_id[id] for id in view.kept & visible - open.keys()]
    for id, incident in open.items():
        for route in find_routes(routing.root, labels[id]):
            group_labels = route.group_labels(labels[id])
            view = views.setdefault(route.group_key(group_labels), View(route, group_labels))
            if id in visible:
                view.seen.append(incident)
    for view in views.values():
        if view.route is not None and routing.held(view.route, now_ms):
            view.seen, view.resolved = [], []
        view.seen.sort(key=_gravest_first)
        view.resolved.sort(key=_gravest_first)
    return views


def _gravest_first(incident: Incident) -> tuple[int, int, str]:
    return -incident.severity.rank, incident.opened_ms, incident.id
