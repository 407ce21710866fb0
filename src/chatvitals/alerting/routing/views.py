"""What each group sees at a moment: its open incidents, and those that it told and that have resolved.

Silences, inhibitions and the times of its route hide incidents from a group.
"""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field

from chatvitals.alerting.routing.inhibition import Inhibitor
from chatvitals.alerting.routing.placing import Placer
from chatvitals.alerting.routing.routes import Labels, Route
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


def look(placer: Placer, incidents: Iterable[Incident], groups: Mapping[str, Group], now_ms: int) -> dict[str, View]:
    """The views of all groups that are remembered or have open incidents, by their keys.

    `incidents` are all open ones and those that groups know.
    """
    routing, placed = placer.routing, placer.place(incidents)
    open = {id: one for id, one in placed.items() if one.incident.status is not IncidentStatus.RESOLVED}
    inhibitor = Inhibitor(routing.inhibitions, (one.labels for one in open.values()))
    visible = {id for id, one in placed.items() if not one.silenced and not inhibitor.hides(one.labels)}
    views = {}
    for key, group in groups.items():
        kept = group.known.keys() & placed.keys()
        resolved = [placed[id].incident for id in kept & visible - open.keys()]
        views[key] = View(routing.find(group.way, group.receiver), group.labels, kept, resolved=resolved)
    for id, one in open.items():
        for place in one.places:
            view = views.setdefault(place.key, View(place.route, place.labels))
            if id in visible:
                view.seen.append(one.incident)
    for view in views.values():
        if view.route is not None and routing.held(view.route, now_ms):
            view.seen, view.resolved = [], []
        view.seen.sort(key=_gravest_first)
        view.resolved.sort(key=_gravest_first)
    return views


def _gravest_first(incident: Incident) -> tuple[int, int, str]:
    return -incident.severity.rank, incident.opened_ms, incident.id
