"""Where incidents belong: their routes and groups, and whether a silence hides them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from chatvitals.alerting.routing.matchers import Matcher, all_match
from chatvitals.alerting.routing.routes import Labels, Route, Routing, find_routes, labels_of
from chatvitals.store.control.incidents import Incident


@dataclass(frozen=True, slots=True)
class Place:
    """A group that an incident belongs to."""

    key: str
    route: Route
    labels: Labels


@dataclass(frozen=True, slots=True)
class Placed:
    """An incident, its labels, and the groups that it belongs to while it is open."""

    incident: Incident
    labels: Labels
    silenced: bool
    places: tuple[Place, ...]


class Placer:
    """Places incidents by a configuration and the silences that are in force. It works out each revision once."""

    def __init__(self, routing: Routing, silences: Sequence[Sequence[Matcher]]) -> None:
        self.routing = routing
        self._silences = silences
        self._placed: dict[str, Placed] = {}

    def place(self, incidents: Iterable[Incident]) -> Mapping[str, Placed]:
        """The incidents by their ids."""
        placed = {}
        for incident in incidents:
            before = self._placed.get(incident.id)
            if before is None or before.incident.revision != incident.revision:
                before = self._place(incident)
            placed[incident.id] = before
        self._placed = placed
        return placed

    def _place(self, incident: Incident) -> Placed:
        labels = labels_of(incident)
        silenced = any(all_match(silence, labels) for silence in self._silences)
        return Placed(incident, labels, silenced, tuple(_places(self.routing, labels)))


def _places(routing: Routing, labels: Labels) -> Iterator[Place]:
    for route in find_routes(routing.root, labels):
        group_labels = route.group_labels(labels)
        yield Place(route.group_key(group_labels), route, group_labels)
