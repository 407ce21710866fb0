"""The releases of a window: how each stands, when it was seen first and last, and which are worth comparing."""

from collections.abc import Mapping
from dataclasses import dataclass

from chatvitals.catalogue.dimensions import OVERFLOW
from chatvitals.dashboard.elements.member import metrics_needed
from chatvitals.dashboard.page import Visit
from chatvitals.dashboard.releases.side_by_side import COMPARED, choose_releases
from chatvitals.query.comparison import Standing, absent, stand
from chatvitals.query.request import Question
from chatvitals.query.sightings import Sighting, sight_releases

ENOUGH_SHARE = 0.01
"""A release with fewer of all sessions is not compared unless it is asked for."""

CHOSEN_BY_ITSELF = 3
SIGHTINGS_FRESH_S = 60.0


@dataclass(frozen=True, slots=True)
class Releases:
    """By name; `unseen` is how one stands that isn't among them."""

    standings: Mapping[str, Standing]
    sightings: Mapping[str, Sighting]
    unseen: Standing

    @property
    def sessions(self) -> int:
        return sum(one.presence.sessions for one in self.standings.values())

    def standing(self, release: str) -> Standing:
        """How a release stands."""
        return self.standings.get(release, self.unseen)

    def choose(self) -> list[str]:
        """The newest that are worth comparing, the oldest of them first."""
        named = {name: one.presence.sessions for name, one in self.standings.items() if name not in ("", OVERFLOW)}
        first_ms = {name: seen.first_ms for name, seen in self.sightings.items()}
        return choose_releases(first_ms, named, max(1, round(self.sessions * ENOUGH_SHARE)), CHOSEN_BY_ITSELF)


def read_releases(visit: Visit, question: Question) -> Releases:
    """All releases that a question sees, read once for some seconds. Raises EngineError."""
    parts, recent = visit.parts, visit.parts.recent
    metrics = metrics_needed(parts.bands, COMPARED)
    return Releases(
        recent.by_cost(
            ("releases", visit.view.where("release").parameters),
            lambda: stand(parts.source, question, metrics, "release"),
        ),
        recent.get(
            ("sightings", question.filters.get("site"), question.scope),
            SIGHTINGS_FRESH_S,
            lambda: sight_releases(parts.source.engine, question, visit.now_ms, parts.settings.raw_retention_days),
        ),
        absent(metrics),
    )
