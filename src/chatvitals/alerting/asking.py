"""Asking the events for what rules share: at one moment windows of several lengths, or one window at many moments."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from chatvitals.alerting.observation import Key, Observation
from chatvitals.alerting.sharing import Need, Shared, question_of
from chatvitals.catalogue.metrics import Metric
from chatvitals.query.buckets import WHOLE_WINDOW, Nested, Sliding
from chatvitals.query.build import Grouping
from chatvitals.query.figures import Group, GroupKey, Source, ask, reads_rollups
from chatvitals.query.snapshot import tidy

Seen = Mapping[Key, Observation]
"""What was seen, by alert."""

Groups = Mapping[Key, Group]
"""Statistics by the values of a query's columns."""


class Answer:
    """What a shared query answered: for each length of window its groups."""

    def __init__(self, windows: Mapping[int, Groups]) -> None:
        self._windows = windows
        self._observations: dict[tuple[str, int, bool], Seen] = {}

    def seen(self, need: Need) -> Seen:
        """What a rule sees of it. The same for all that need the same."""
        what = (need.metric.path, need.window_ms, need.customers)
        if what not in self._observations:
            groups = self._windows.get(need.window_ms, {}).items()
            self._observations[what] = {
                key: seen for key, group in groups if (seen := _observe(group, need)) is not None
            }
        return need.pick(self._observations[what])


def _observe(group: Group, need: Need) -> Observation | None:
    """The figure of a group, None where it has no event of the kind."""
    kind = need.shared.kind
    if kind not in group.events:
        return None
    figure = group.figure(need.metric)
    customers = group.customers.get(kind, 0) if need.customers else None
    return Observation(tidy(figure.value), figure.n, figure.sessions, customers)


def ask_shared(source: Source, shared: Shared, needs: Sequence[Need]) -> Answer:
    """All that these needs read: by one query, and one for each window that rollups help. Raises EngineError."""
    metrics, customers_of = _metrics(needs), _customers_of(needs)
    alone = Grouping(columns=shared.columns)
    windows: dict[int, Groups] = {}
    for length_ms in {need.window_ms for need in needs}:
        question = question_of(shared, needs, length_ms)
        if reads_rollups(source, question, metrics, alone, customers_of):
            windows[length_ms] = _by_bucket(ask(source, question, metrics, alone, customers_of))[0]
    raw = tuple(sorted({need.window_ms for need in needs} - windows.keys(), reverse=True))
    if raw:
        buckets = Nested(raw) if len(raw) > 1 else WHOLE_WINDOW
        grouping = Grouping(buckets, shared.columns)
        groups = _by_bucket(ask(source, question_of(shared, needs, raw[0]), metrics, grouping, customers_of))
        windows |= {length_ms: groups[place] for place, length_ms in enumerate(raw)}
    return Answer(windows)


def ask_sliding(source: Source, needs: Sequence[Need], step_ms: int) -> list[Seen]:
    """What one rule sees at each of several moments, `step_ms` apart. Raises EngineError."""
    first, last = needs[0], needs[-1]
    metrics, customers_of = [last.metric], _customers_of([last])
    alone = Grouping(columns=last.shared.columns)
    questions = [question_of(need.shared, [need], need.window_ms) for need in needs]
    if any(reads_rollups(source, question, metrics, alone, customers_of) for question in questions):
        return [ask_shared(source, need.shared, [need]).seen(need) for need in needs]
    whole = question_of(last.shared, [last], last.shared.end_ms - first.shared.end_ms + last.window_ms)
    grouping = Grouping(Sliding(last.window_ms, step_ms), last.shared.columns)
    groups = _by_bucket(ask(source, whole, metrics, grouping, customers_of))
    return [Answer({last.window_ms: groups[place]}).seen(last) for place in range(len(needs))]


def _metrics(needs: Iterable[Need]) -> list[Metric]:
    return list({need.metric.path: need.metric for need in needs}.values())


def _customers_of(needs: Iterable[Need]) -> Collection[str]:
    return {need.shared.kind for need in needs if need.customers}


def _by_bucket(groups: Mapping[GroupKey, Group]) -> defaultdict[int, dict[Key, Group]]:
    by_bucket: defaultdict[int, dict[Key, Group]] = defaultdict(dict)
    for (bucket, key), group in groups.items():
        by_bucket[bucket][key] = group
    return by_bucket
