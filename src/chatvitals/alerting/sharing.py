"""Which rules can be read by one query: those that measure the same kind of event, split by the same columns.

A filter for a single value of a dimension, and any filter on a dimension that has alerts of its own, is answered by a
query that is split by that dimension: each of its groups is what the filter would have left. Nothing is merged.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from chatvitals.alerting.rule import Absence, Degradation, Rule
from chatvitals.catalogue.metrics import METRICS_BY_PATH, Metric
from chatvitals.query.build import kind_of
from chatvitals.query.figures import Key
from chatvitals.query.request import FILTERABLE, Question, Window

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Shared:
    """What a query is about: a kind of event, the columns that split it, other filters, and when its windows end."""

    kind: str
    columns: tuple[str, ...]
    filters: tuple[tuple[str, tuple[str, ...]], ...]
    end_ms: int
    by_arrival: bool


@dataclass(frozen=True, slots=True)
class Need:
    """What a rule reads of a shared query: a metric over a window, of the groups with these values in some columns.

    `key_places` says where the values of the rule's `by` stand among the columns; `customers`, that it counts them.
    """

    shared: Shared
    metric: Metric
    window_ms: int
    only: Mapping[str, frozenset[str]]
    key_places: tuple[int, ...]
    customers: bool

    def pick(self, groups: Mapping[Key, T]) -> Mapping[Key, T]:
        """Of all groups of the query those that the rule is about, by the keys of its alerts."""
        if not self.only and self.key_places == tuple(range(len(self.shared.columns))):
            return groups
        only = [(self.shared.columns.index(column), values) for column, values in self.only.items()]
        return {
            tuple(key[place] for place in self.key_places): group
            for key, group in groups.items()
            if all(key[place] in values for place, values in only)
        }


def needs_of(rule: Rule, at_ms: int) -> tuple[Need, ...]:
    """What a rule reads at a moment: its window, and with it what that is compared with."""
    now = _need(rule, at_ms, rule.window_ms)
    match rule.condition:
        case Degradation(earlier_ms=int(earlier_ms)):
            return now, _need(rule, at_ms - earlier_ms, rule.window_ms)
        case Absence(known_ms=known_ms):
            return now, _need(rule, at_ms, known_ms)
        case _:
            return (now,)


def _need(rule: Rule, end_ms: int, window_ms: int) -> Need:
    only = {
        name: frozenset(values)
        for name, values in rule.filters.items()
        if name in rule.by or len(frozenset(values)) == 1
    }
    columns = tuple(name for name in FILTERABLE if name in rule.by or name in only)
    others = tuple(sorted((name, values) for name, values in rule.filters.items() if name not in only))
    metric = METRICS_BY_PATH[rule.metric]
    return Need(
        Shared(kind_of(metric), columns, others, end_ms, rule.by_arrival),
        metric,
        window_ms,
        only,
        tuple(columns.index(name) for name in rule.by),
        rule.min_customers > 0,
    )


def group_needs(needs: Iterable[Need]) -> dict[Shared, list[Need]]:
    """The queries to ask, each with all that is read of it."""
    groups: defaultdict[Shared, list[Need]] = defaultdict(list)
    for need in needs:
        groups[need.shared].append(need)
    return groups


def question_of(shared: Shared, needs: Iterable[Need], window_ms: int) -> Question:
    """The question whose groups hold what these needs read, and not many that none of them does."""
    needs = list(needs)
    window = Window(shared.end_ms - window_ms, shared.end_ms)
    question = Question(window, dict(shared.filters), by_arrival=shared.by_arrival)
    for column in shared.columns:
        if all(column in need.only for need in needs):
            question = question.where(column, sorted(frozenset().union(*(need.only[column] for need in needs))))
    return question
