"""What a tick of many rules costs: reading figures, judging alerts, stepping their states, writing what follows.

Run by `python -m bench.alerting`. Rules are of all metrics that the history has, and of windows from a minute to a day.
First they differ in what they are split and filtered by, then each has an alert for every customer.
"""

import argparse
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from uuid import uuid4

from bench.history import fill
from chatvitals.alerting.details import Details
from chatvitals.alerting.evaluator import Evaluator
from chatvitals.alerting.observation import Key, Observation
from chatvitals.alerting.reading import Reader
from chatvitals.alerting.rule import Degradation, Rule, Side, Threshold
from chatvitals.alerting.telling import Telling
from chatvitals.catalogue.metrics import METRICS, Metric
from chatvitals.catalogue.severities import Severity
from chatvitals.query.build import wanted_by
from chatvitals.query.figures import Source
from chatvitals.query.rollups import Rollups
from chatvitals.store.control.alert_states import AlertStates
from chatvitals.store.control.baselines import Baselines
from chatvitals.store.control.database import Database, open_database
from chatvitals.store.control.evaluations import Evaluations
from chatvitals.store.control.leases import Leases
from chatvitals.store.events.embedded import EmbeddedEngine
from chatvitals.store.events.migrate import migrate

END_MS = 1_790_000_000_000
EVERY_MS = 60_000
WINDOWS_MS = (300_000, 60_000, 900_000, 300_000, 3_600_000, 300_000, 21_600_000, 86_400_000)
CUSTOMERS = 400
_NOT_IN_HISTORY = {"loss", "stream", "error", "host", "sdk", "storage"}
"""The kinds of events that the made-up history has none of."""
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
    metrics = [metric for metric in METRICS if not wanted_by([metric]).keys() & _NOT_IN_HISTORY]
    parts = zip(cycle(metrics), cycle(WINDOWS_MS), splits, strict=False)
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


class _TimedReader:
    """Reads, and remembers how long that took."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.took = Took(0, 0)
        self.alerts = 0

    def read(self, rules: Sequence[Rule], now_ms: int) -> Mapping[str, Mapping[Key, Observation]]:
        began = _now()
        read = self._reader.read(rules, now_ms)
        self.took = _since(began)
        self.alerts = sum(map(len, read.values()))
        return read


def _now() -> Took:
    return Took(time.perf_counter(), time.process_time())


def _since(began: Took) -> Took:
    now = _now()
    return Took(now.wall_s - began.wall_s, now.cpu_s - began.cpu_s)


def _evaluate(source: Source, database: Database, rules: Sequence[Rule], runs: int) -> None:
    reader = _TimedReader(Reader(source, Baselines(database)))
    evaluator = Evaluator(
        reader, Telling(Details(source)), AlertStates(database), Evaluations(database), lambda: str(uuid4())
    )
    lease = Leases(database, lambda: END_MS).take("alerting", "bench", 3_600_000)
    assert lease is not None
    reads, ticks = [], []
    for run in range(runs):
        began = _now()
        evaluator.tick(lease, rules, END_MS - (runs - run) * EVERY_MS)
        ticks.append(_since(began))
        reads.append(reader.took)
    print(f"  {len(rules)} rules, {reader.alerts:,} alerts: {min(ticks)} at best, target {TARGET_S} s")
    print(f"    of which reading takes {min(reads)}; each of {runs}: {', '.join(map(str, ticks))}")


@contextmanager
def _stores(events: int, days: int) -> Iterator[tuple[Source, Database]]:
    with TemporaryDirectory() as folder:
        engine = EmbeddedEngine(Path(folder) / "events")
        migrate(engine)
        fill(engine, events, END_MS, days, together=1_000)
        database = open_database(f"sqlite:///{folder}/control.sqlite")
        yield Source(engine, Rollups(engine, lambda: END_MS, raw_retention_days=days + 1)), database
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
    with _stores(chosen.events, chosen.days) as (source, database):
        for name, splits in (("as people write them", _splits()), ("each by customer", _each_customer())):
            print(f"rules {name}, over {chosen.events:,} events of {chosen.days} days")
            _evaluate(source, database, _rules(chosen.rules, splits), chosen.runs)


if __name__ == "__main__":
    main()
