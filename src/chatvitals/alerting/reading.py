"""Reading what rules need: the figures of all their alerts, in few queries, at a moment or at each of many.

A figure here is the one that a page shows of the same window and filters.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import structlog
from msgspec import structs

from chatvitals.alerting.asking import Answer, Seen, ask_shared, ask_sliding
from chatvitals.alerting.observation import NOTHING, Key
from chatvitals.alerting.references import baseline_of, find_references
from chatvitals.alerting.rule import Degradation, Rule
from chatvitals.alerting.sharing import Need, Shared, group_needs, need_of
from chatvitals.errors import EngineError
from chatvitals.query.figures import Source
from chatvitals.store.control.baselines import Baselines

log = structlog.get_logger()

_THREADS = 2
"""Queries at a time; the engine has two more readers for people."""

_MOMENTS_AT_ONCE = 240
_WINDOWS_AT_ONCE_MS = 20 * 86_400_000
"""So many moments of a range, and their windows so long altogether, are one query: that bounds its memory."""


class Reader:
    """Reads figures for rules. Its calls block, and may be made from any thread."""

    def __init__(self, source: Source, baselines: Baselines) -> None:
        self._source = source
        self._baselines = baselines

    def read(self, rules: Sequence[Rule], now_ms: int, known: Mapping[str, Collection[Key]]) -> dict[str, Seen]:
        """By rule, what is seen of each of its alerts in the window up to now; of `known` ones without data, NOTHING.

        A rule whose query failed is left out: nothing is known of it, not even that nothing was measured.
        """
        now = {rule.name: need_of(rule, now_ms) for rule in rules}
        earlier = {rule.name: need_of(rule, now_ms - ms) for rule in rules if (ms := _earlier_ms(rule)) is not None}
        answers = self._ask_all([*now.values(), *earlier.values()])
        read: dict[str, Seen] = {}
        for rule in rules:
            need, before = now[rule.name], earlier.get(rule.name)
            if need.shared not in answers or (before is not None and before.shared not in answers):
                continue
            seen = answers[need.shared].seen(need)
            read[rule.name] = seen if before is None else _beside(seen, answers[before.shared].seen(before))
        self._add_captured([rule for rule in rules if rule.name in read], now_ms, read)
        for name, seen in read.items():
            missing = {key: NOTHING for key in known.get(name, ()) if key not in seen}
            if missing:
                read[name] = {**seen, **missing}
        return read

    def read_range(self, rule: Rule, from_ms: int, to_ms: int, step_ms: int) -> Iterator[tuple[int, Seen]]:
        """What `read` tells of a rule, without NOTHING, at `from_ms` and each `step_ms` later, not after `to_ms`.

        Raises EngineError.
        """
        at_once = max(1, min(_MOMENTS_AT_ONCE, _WINDOWS_AT_ONCE_MS // rule.window_ms))
        moments = range(from_ms, to_ms + 1, step_ms)
        earlier_ms = _earlier_ms(rule)
        for first in range(0, len(moments), at_once):
            some = moments[first : first + at_once]
            seen = ask_sliding(self._source, [need_of(rule, moment) for moment in some], step_ms)
            if earlier_ms is not None:
                before = ask_sliding(self._source, [need_of(rule, moment - earlier_ms) for moment in some], step_ms)
                seen = list(map(_beside, seen, before))
            for moment, now in zip(some, seen, strict=True):
                read = {rule.name: now}
                self._add_captured([rule], moment, read)
                yield moment, read[rule.name]

    def _ask_all(self, needs: Iterable[Need]) -> dict[Shared, Answer]:
        groups = group_needs(needs)
        heaviest_first = sorted(groups, key=lambda shared: -max(need.window_ms for need in groups[shared]))
        answers: dict[Shared, Answer] = {}
        with ThreadPoolExecutor(_THREADS, "rules") as threads:
            asked = {
                shared: threads.submit(ask_shared, self._source, shared, groups[shared]) for shared in heaviest_first
            }
            for shared, answer in asked.items():
                try:
                    answers[shared] = answer.result()
                except EngineError as error:
                    log.error("rules not read", kind=shared.kind, by=shared.columns, error=str(error))
        return answers

    def _add_captured(self, rules: Iterable[Rule], at_ms: int, read: dict[str, Seen]) -> None:
        """Put the captured values beside what rules saw that compare with a baseline."""
        comparing = [(rule, name) for rule in rules if (name := baseline_of(rule)) is not None]
        references = find_references({name for _, name in comparing}, self._baselines, at_ms)
        for rule, name in comparing:
            read[rule.name] = {
                key: structs.replace(one, reference=references.value(rule, name, key))
                for key, one in read[rule.name].items()
            }


def _earlier_ms(rule: Rule) -> int | None:
    return rule.condition.earlier_ms if isinstance(rule.condition, Degradation) else None


def _beside(seen: Seen, before: Seen) -> Seen:
    """What was seen, with the values of another time as those to compare with."""
    return {
        key: structs.replace(one, reference=before[key].value) if key in before else one for key, one in seen.items()
    }
