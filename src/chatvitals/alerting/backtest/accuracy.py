"""How good a rule is, measured by incidents that people labelled.

An episode and an incident meet where they overlap in time, the incident widened by a tolerance on both sides, and no
label of the incident contradicts the episode's. Precision is the share of episodes that meet an incident, recall the
share of incidents that meet an episode. Incidents that the rule's filters leave out are none of its business.
"""

from collections.abc import Mapping, Sequence
from statistics import median

from msgspec import Struct, field

from chatvitals.alerting.backtest.episodes import Episode
from chatvitals.alerting.rule import Rule


class Labelled(Struct, rename="camel", frozen=True):
    """An incident as somebody labelled it. Times are Unix milliseconds; labels are values of dimensions."""

    start_ms: int = field(name="start")
    end_ms: int = field(name="end")
    labels: Mapping[str, str] = {}


class Accuracy(Struct, rename="camel", frozen=True, kw_only=True):
    """Precision and recall in percent, None where there is nothing to take a share of, and what they are made of.

    `delay` is the median time in ms from an incident's start to the first episode that meets it, 0 where that was there
    before.
    """

    tolerance_ms: int = field(name="tolerance")
    episodes: int
    true_episodes: int
    incidents: int
    found_incidents: int
    precision: float | None
    recall: float | None
    delay_ms: float | None = field(name="delay")
    missed: tuple[Labelled, ...]


def measure_accuracy(
    rule: Rule, episodes: Sequence[Episode], labelled: Sequence[Labelled], tolerance_ms: int
) -> Accuracy:
    """How the episodes of a rule and the labelled incidents meet."""
    incidents = [incident for incident in labelled if _concerns(rule, incident)]
    meeting = {
        place: [episode for episode in episodes if _meet(episode, incident, tolerance_ms)]
        for place, incident in enumerate(incidents)
    }
    true_episodes = {(episode.start_ms, *episode.labels.values()) for met in meeting.values() for episode in met}
    delays = [
        max(0, min(episode.start_ms for episode in met) - incidents[place].start_ms)
        for place, met in meeting.items()
        if met
    ]
    return Accuracy(
        tolerance_ms=tolerance_ms,
        episodes=len(episodes),
        true_episodes=len(true_episodes),
        incidents=len(incidents),
        found_incidents=len(delays),
        precision=_percent(len(true_episodes), len(episodes)),
        recall=_percent(len(delays), len(incidents)),
        delay_ms=median(delays) if delays else None,
        missed=tuple(incident for place, incident in enumerate(incidents) if not meeting[place]),
    )


def _concerns(rule: Rule, incident: Labelled) -> bool:
    """Whether the rule's filters let through what the incident is about."""
    return all(incident.labels.get(name, values[0]) in values for name, values in rule.filters.items())


def _meet(episode: Episode, incident: Labelled, tolerance_ms: int) -> bool:
    return (
        episode.start_ms <= incident.end_ms + tolerance_ms
        and (episode.end_ms is None or episode.end_ms >= incident.start_ms - tolerance_ms)
        and all(incident.labels.get(name, value) == value for name, value in episode.labels.items())
    )


def _percent(part: int, whole: int) -> float | None:
    return 100 * part / whole if whole else None
