"""When a rule would have fired: episodes, each from an alert's opening to its resolution."""

from collections.abc import Iterable, Mapping

from msgspec import Struct, field

from chatvitals.alerting.evaluate import Verdict
from chatvitals.alerting.observation import Key
from chatvitals.alerting.rule import Rule, Side, Threshold
from chatvitals.alerting.state import Change, Transition
from chatvitals.alerting.ticks import Ticked
from chatvitals.catalogue.metrics import METRICS_BY_PATH
from chatvitals.catalogue.severities import Severity
from chatvitals.errors import BadRequest

MAX_EPISODES = 10_000


class Episode(Struct, rename="camel", frozen=True, kw_only=True):
    """An alert that fires, as grave as it ever was, with its worst value and the threshold at that moment.

    `start` and `end` are Unix milliseconds; `end` is None where it fires still when the time is over. `labels` are the
    values of the rule's `by`.
    """

    labels: Mapping[str, str]
    start_ms: int = field(name="start")
    end_ms: int | None = field(default=None, name="end")
    severity: Severity
    peak: float | None = None
    threshold: float | None = None


class _Open:
    """An episode that goes on."""

    def __init__(self, opened: Transition) -> None:
        self.start_ms = opened.at_ms
        self.severity = opened.severity
        self.worst: Verdict | None = None


class Episodes:
    """Gathers the episodes of one rule, tick by tick."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._worse_is_more = _worse_is_more(rule)
        self._open: dict[Key, _Open] = {}
        self._ended: list[Episode] = []

    def add(self, ticked: Iterable[Ticked]) -> None:
        """What one tick made of the alerts. Raises BadRequest where there are too many episodes to be of use."""
        for one in ticked:
            if one.transition is not None:
                self._follow(one.key, one.transition)
            episode = self._open.get(one.key)
            if episode is not None:
                self._take_worst(episode, one.verdict)

    def all(self) -> list[Episode]:
        """In the order in which they began; those that go on have no end."""
        going_on = [self._episode(key, episode, None) for key, episode in self._open.items()]
        return sorted([*self._ended, *going_on], key=lambda episode: (episode.start_ms, *episode.labels.values()))

    def _follow(self, key: Key, transition: Transition) -> None:
        match transition.change:
            case Change.OPENED:
                if len(self._ended) + len(self._open) == MAX_EPISODES:
                    raise BadRequest(
                        f"{self._rule.name} would have fired more than {MAX_EPISODES:,} times: give it other bounds, or"
                        " choose a shorter time",
                        "rule",
                    )
                self._open[key] = _Open(transition)
            case Change.ESCALATED:
                episode = self._open[key]
                episode.severity = max(episode.severity, transition.severity, key=lambda severity: severity.rank)
            case Change.RESOLVED:
                self._ended.append(self._episode(key, self._open.pop(key), transition.at_ms))

    def _take_worst(self, episode: _Open, verdict: Verdict) -> None:
        badness, worst = self._badness(verdict), self._badness(episode.worst)
        if badness is not None and (worst is None or badness > worst):
            episode.worst = verdict

    def _badness(self, verdict: Verdict | None) -> float | None:
        """How bad a verdict's figure is; more is worse. None where it has none."""
        if verdict is None or verdict.value is None:
            return None
        if verdict.change is not None:
            return verdict.change
        return verdict.value if self._worse_is_more else -verdict.value

    def _episode(self, key: Key, episode: _Open, end_ms: int | None) -> Episode:
        worst = episode.worst
        return Episode(
            labels=dict(zip(self._rule.by, key, strict=True)),
            start_ms=episode.start_ms,
            end_ms=end_ms,
            severity=episode.severity,
            peak=worst.value if worst else None,
            threshold=worst.threshold if worst else None,
        )


def _worse_is_more(rule: Rule) -> bool:
    if isinstance(rule.condition, Threshold):
        return rule.condition.side is Side.ABOVE
    return not METRICS_BY_PATH[rule.metric].higher_is_better
