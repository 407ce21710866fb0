"""Statistics of measures that a page asks for and no metric is made of: from raw events, exact as those of metrics."""

from collections.abc import Sequence

from chatvitals.catalogue.measures import Measure
from chatvitals.query.build import WHOLE, Grouping
from chatvitals.query.figures import NOTHING, Group, GroupKey, Key, Statistics, add_raw
from chatvitals.query.request import Question
from chatvitals.store.events.engine import Engine

_NEEDED = frozenset({"sum", "p50"})


class Tally:
    """Statistics by measure of one group of events of a kind, and how many sessions had any of its events."""

    __slots__ = ("_group", "_kind")

    def __init__(self, kind: str, group: Group) -> None:
        self._kind = kind
        self._group = group

    def __getitem__(self, measure: Measure) -> Statistics:
        return self._group.measures.get(measure.name, NOTHING)

    def count(self, measure: Measure) -> float:
        """How many events the measure's own stand for."""
        return self[measure].weight

    def share(self, measure: Measure, of: Measure) -> float | None:
        """One count in percent of another; None of nothing."""
        whole = self.count(of)
        return 100 * self.count(measure) / whole if whole else None

    def mean(self, measure: Measure) -> float | None:
        """The weighted mean of the measure's values; None of nothing."""
        statistics = self[measure]
        return statistics.total / statistics.weight if statistics.weight else None

    def quantile(self, measure: Measure, name: str) -> float | None:
        """A percentile (p50, p95, p99) of the measure's values; None of nothing."""
        statistics = self[measure]
        return (statistics.quantiles or {}).get(name) if statistics.n else None

    @property
    def sessions(self) -> int:
        return self._group.sessions.get(self._kind, 0)


def tally(
    engine: Engine, question: Question, measures: Sequence[Measure], grouping: Grouping = WHOLE
) -> dict[GroupKey, Tally]:
    """The statistics of some measures of one kind, by group. Raises EngineError."""
    kind = measures[0].kind
    used = {measure: _NEEDED if measure.distribution else _sums(measure) for measure in measures}
    groups: dict[GroupKey, Group] = {}
    add_raw(engine, question, grouping, {kind: used}, groups)
    return {key: Tally(kind, group) for key, group in groups.items()}


def tally_all(engine: Engine, question: Question, measures: Sequence[Measure]) -> Tally:
    """The statistics of some measures of one kind over all events. Raises EngineError."""
    return tally(engine, question, measures).get((0, ()), Tally(measures[0].kind, Group()))


def tally_by(engine: Engine, question: Question, measures: Sequence[Measure], *columns: str) -> dict[Key, Tally]:
    """The statistics of some measures of one kind by the values of columns. Raises EngineError."""
    found = tally(engine, question, measures, Grouping(columns=columns))
    return {key: group for (_, key), group in found.items()}


def _sums(measure: Measure) -> frozenset[str]:
    return frozenset({"sum"}) if measure.value else frozenset()
