"""Reading what rules need: the figures of all their alerts, in few queries, at a moment or at each of many.

A figure here is the one that a page shows of the same window and filters.
"""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import structlog
from msgspec import structs

from chatvitals.alerting.asking import Answer, Seen, ask_shared, ask_sliding
from chatvitals.alerting.observation import NOTHING
from chatvitals.alerting.references import baseline_of, find_references, tells_enough
from chatvitals.alerting.rule import Absence, Rule
from chatvitals.alerting.sharing import Need, Shared, group_needs, needs_of
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

    def read(self, rules: Sequence[Rule], now_ms: int) -> dict[str, Seen]:
        """By rule, what is seen of each of its alerts in the window up to now.

        Rules of absence see NOTHING of the alerts that are absent; others see nobody without data. A rule whose query
        failed is left out: nothing is known of it, not even that nothing was measured.
        """
        needs = {rule.name: needs_of(rule, now_ms) for rule in rules}
        answers = self._ask_all([need for several in needs.values() for need in several])
        answered = [rule for rule in rules if all(need.shared in answers for need in needs[rule.name])]
        read = {
            rule.name: _combine(rule, *(answers[need.shared].seen(need) for need in needs[rule.name]))
            for rule in answered
        }
        self._add_captured(answered, now_ms, read)
        return read

    def read_range(self, rule: Rule, from_ms: int, to_ms: int, step_ms: int) -> Iterator[tuple[int, Seen]]:
        """What `read` tells of a rule at `from_ms` and each `step_ms` later, not after `to_ms`. Raises EngineError."""
        longest_ms = max(need.window_ms for need in needs_of(rule, from_ms))
        at_once = max(1, min(_MOMENTS_AT_ONCE, _WINDOWS_AT_ONCE_MS // longest_ms))
        moments = range(from_ms, to_ms + 1, step_ms)
        for first in range(0, len(moments), at_once):
            some = moments[first : first + at_once]
            needs = zip(*(needs_of(rule, moment) for moment in some), strict=True)
            slides = [ask_sliding(self._source, each, step_ms) for each in needs]
            for moment, *seen in zip(some, *slides, strict=True):
                read = {rule.name: _combine(rule, *seen)}
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


def _combine(rule: Rule, seen: Seen, compared: Seen | None = None) -> Seen:
    """What is seen in a rule's window, and what that is compared with, put together."""
    if compared is None:
        return seen
    if isinstance(rule.condition, Absence):
        return {key: seen.get(key, NOTHING) for key, before in compared.items() if before.n}
    enough = {key: one.value for key, one in compared.items() if tells_enough(rule, one.n, one.sessions)}
    return {key: structs.replace(one, reference=enough[key]) if key in enough else one for key, one in seen.items()}
