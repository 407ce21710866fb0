"""What an evaluation of many rules costs: reading their figures, judging each alert, and its state's next step.

Run by `python -m bench.alerting`. Rules are of many metrics and windows from a minute to a day; first they differ in what
they are split and filtered by, then each has an alert for every customer.
"""

import argparse
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from bench.history import fill
from chatvitals.alerting.observation import Key
from chatvitals.alerting.reading import Reader
from chatvitals.alerting.rule import Degradation, Rule, Side, Threshold
from chatvitals.alerting.state import AlertState
from chatvitals.alerting.ticks import tick
from chatvitals.catalogue.metrics import METRICS, Metric
from chatvitals.catalogue.severities import Severity
from chatvitals.query.figures import Source
from chatvitals.query.rollups import Rollups
from chatvitals.store.control.baselines import Baselines
from chatvitals.store.control.database import open_database
from chatvitals.store.events.embedded import EmbeddedEngine
from chatvitals.store.events.migrate import migrate

END_MS = 1_790_000_000_000
EVERY_MS = 60_000
WINDOWS_MS = (300_000, 60_000, 900_000, 300_000, 3_600_000, 300_000, 21_600_000, 86_400_000)
CUSTOMERS = 400
TARGET_S = 2.0

Split = tuple[tuple[str, ...], Mapping[str, tuple[str, ...]]]
"""What a rule is by, and its filters."""


def _splits() -> Iterator[Split]:
    """Of ten rules six by customer, two by site, one by release, and one for a customer that has rules of its own."""
    for place in cycle(range(CUSTOMERS)):
        yield from [(("site", "customer"), {})] * 3
        yield ("site",), {}
        yield from [(("site", "customer"), {})] * 3
        yield ("site", "release"), {}
        yield ("site",), {}
        yield ("site",), {"customer": (f"customer-{place}",)}


def _each_customer() -> Iterator[Split]:
    return cycle([(("site", "customer"), {})])


def _rules(count: int, splits: Iterator[Split]) -> list[Rule]:
    parts = zip(cycle(METRICS), cycle(WINDOWS_MS), splits, strict=False)
    return [_rule(place, *part) for place, part in enumerate(islice(parts, count))]


def _rule(place: int, metric: Metric, window_ms: int, split: Split) -> Rule:
    side = Side.BELOW if metric.higher_is_better else Side.ABOVE
    levels = {Severity.WARNING: 0.0, Severity.CRITICAL: -1.0} if side is Side.BELOW else {Severity.WARNING: 1e12}
    condition: Threshold | Degradation = Threshold(side, levels, max(levels.values()))
    if place % 10 == 9 and metric.higher_is_better is not None:
        condition = Degradation({Severity.WARNING: 1e6}, 1e6, earlier_ms=3_600_000)
    return Rule(
        name=f"rule-{place}",
        title=metric.title,
        category="api",
        metric=metric.path,
        condition=condition,
        by=split[0],
        filters=split[1],
        window_ms=window_ms,
        every_ms=EVERY_MS,
        min_samples=5,
        min_sessions=2,
    )


class Took(NamedTuple):
    """Seconds: on the clock, and of the processor."""

    wall_s: float
    cpu_s: float

    def __str__(self) -> str:
        return f"{self.wall_s:5.2f} s ({self.cpu_s:5.2f} s CPU)"


def _timed(work: Callable[[], Any]) -> tuple[Took, Any]:
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    return Took(time.perf_counter() - wall, time.process_time() - cpu), result


def _evaluate(reader: Reader, rules: Sequence[Rule], runs: int) -> None:
    states: dict[str, dict[Key, AlertState]] = {rule.name: {} for rule in rules}
    reads, steps = [], []
    alerts = 0

    def step(read: Mapping[str, Any], now_ms: int) -> int:
        ticked = 0
        for rule in rules:
            alerts_of_rule = tick(rule, states[rule.name], read[rule.name], now_ms)
            states[rule.name] = {key: one.after for key, one in alerts_of_rule.items()}
            ticked += len(alerts_of_rule)
        return ticked

    for run in range(runs):
        now_ms = END_MS - (runs - run) * EVERY_MS
        took, read = _timed(lambda now_ms=now_ms: reader.read(rules, now_ms))  # type: ignore[misc]  # bound at once
        reads.append(took)
        took, alerts = _timed(lambda read=read, now_ms=now_ms: step(read, now_ms))  # type: ignore[misc]  # as above
        steps.append(took)
    wholes = [Took(read.wall_s + step.wall_s, read.cpu_s + step.cpu_s) for read, step in zip(reads, steps, strict=True)]
    best = min(wholes)
    print(f"  {len(rules)} rules, {alerts:,} alerts, best of {runs}: {best}, target {TARGET_S} s")
    print(f"    reading {min(reads)}, judging and stepping {min(steps)}; all runs {', '.join(map(str, wholes))}")


@contextmanager
def _store(events: int, days: int) -> Iterator[Reader]:
    with TemporaryDirectory() as folder:
        engine = EmbeddedEngine(Path(folder) / "events")
        migrate(engine)
        fill(engine, events, END_MS, days, together=1_000)
        database = open_database(f"sqlite:///{folder}/control.sqlite")
        rollups = Rollups(engine, lambda: END_MS, raw_retention_days=days + 1)
        yield Reader(Source(engine, rollups), Baselines(database))
        database.dispose()
        engine.close()


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--events", type=int, default=10_000_000, help="events in the store")
    options.add_argument("--days", type=int, default=30, help="over which they are spread")
    options.add_argument("--rules", type=int, default=300)
    options.add_argument("--runs", type=int, default=7)
    chosen = options.parse_args()
    with _store(chosen.events, chosen.days) as reader:
        for name, splits in (("as people write them", _splits()), ("each by customer", _each_customer())):
            print(f"rules {name}, over {chosen.events:,} events of {chosen.days} days")
            _evaluate(reader, _rules(chosen.rules, splits), chosen.runs)


if __name__ == "__main__":
    main()
