"""Rollups: hours that are over, summed up once, so that long windows needn't read every event again.

An hour's rollup is always made whole from its raw events, and counts only while no event was written to that hour
since. So a rollup can't drift from what it sums up, whatever is late, imported, erased or killed in between.
Percentiles of few values are not read from here while their raw events are kept: a digest of few is too coarse.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import structlog

from chatvitals.catalogue.kinds import KINDS
from chatvitals.catalogue.measures import MEASURES, Measure
from chatvitals.clock import Clock
from chatvitals.query.buckets import OneBucket, Steps
from chatvitals.query.build import WHOLE, Grouping, Query, from_file
from chatvitals.query.request import Question, Window
from chatvitals.store.events.engine import Engine, Parameter

log = structlog.get_logger()

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
SEALED_AFTER_MS = 300_000
"""An hour is rolled up this long after its end: most late events are there by then."""

RAW_IS_FASTER = 1_000_000
"""Up to so many events of a kind are read raw: their percentiles are exact then, and it costs milliseconds."""

FEW_VALUES = 100_000
"""Percentiles of fewer values than this are read raw: digests of more differ by less than half a percent."""

FEWEST_HOURS = 6
ALL = "@all"
"""The pseudo-measure that counts all events and sessions."""

TABS = "@tabs"
"""The pseudo-measure of ordinals: `n` received, `total` expected, `sessions` the tabs."""

ROLLED_UP = ("site", "release", "variant")
"""The dimensions that rollups keep; questions about others are answered from raw events."""

_PAUSE_S = 30.0
_NO_DIGEST = "quantilesTDigestWeightedStateIf(0.5, 0.95, 0.99)(toFloat32(0), toUInt32(1), 0)"


def of_kind(kind: str) -> str:
    """The pseudo-measure that counts a kind's events and sessions."""
    return f"@{kind}"


@dataclass(frozen=True, slots=True)
class Plan:
    """Which whole hours of a window are read from rollups, Unix milliseconds; `stale` ones of them are not.

    `only_source`: some of the hours are so old that their raw events may be gone.
    """

    first_hour: int
    end_hour: int
    stale: tuple[int, ...]
    only_source: bool


class Rollups:
    """Knows which hours' rollups are true, and makes the missing ones. Lives on the event loop."""

    def __init__(self, engine: Engine, clock: Clock, raw_retention_days: int) -> None:
        self._engine = engine
        self._clock = clock
        self._raw_retention_ms = raw_retention_days * DAY_MS
        self._fresh: dict[int, Counter[str]] = {}
        self._stale: set[int] = set()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Compare rollups with raw events, then keep them up to date."""
        self._task = asyncio.create_task(self._keep_up(), name="rollups")

    async def close(self) -> None:
        """Stop; an hour that is being made is finished first."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def outlived_raw(self, moment_ms: int) -> bool:
        """Whether raw events of this time are over-age: gone, or going part by part. Their rollups are final."""
        return moment_ms < self._clock() - self._raw_retention_ms

    def touch(self, hours: Iterable[int]) -> None:
        """Events are about to be written to these hours: their rollups count no more."""
        for hour in hours:
            if not self.outlived_raw(hour):
                self._fresh.pop(hour, None)
                self._stale.add(hour)

    async def _keep_up(self) -> None:
        while True:
            try:
                if not self._fresh and not self._stale:
                    await asyncio.to_thread(self.take_stock)
                await self.roll_up_sealed()
            except Exception as error:
                log.error("rollups not made", error=str(error))
            await asyncio.sleep(_PAUSE_S)

    def take_stock(self) -> None:
        """Find the hours whose rollups hold as many events of each kind as there are raw ones."""
        raw = _counts(
            self._engine,
            "SELECT toUnixTimestamp(toStartOfHour(ts)) AS at, toString(kind) AS kind, count() AS n"
            " FROM events GROUP BY at, kind",
        )
        rolled_up = _counts(
            self._engine,
            "SELECT toUnixTimestamp(hour) AS at, substring(measure, 2) AS kind, sum(n) AS n FROM rollup_hours"
            " WHERE startsWith(measure, '@') AND measure NOT IN ('@all', '@tabs')"
            " AND (hour, version) IN (SELECT hour, max(version) FROM rollup_hours GROUP BY hour)"
            " GROUP BY at, kind",
        )
        for hour, counts in rolled_up.items():
            if self.outlived_raw(hour) or raw.get(hour) == counts:
                self._fresh[hour] = counts
        self._stale |= raw.keys() - self._fresh.keys()

    async def roll_up_sealed(self) -> int:
        """Make the rollups of all hours that are over and have none; returns their number. Raises EngineError."""
        now = self._clock()
        over = (hour for hour in self._stale if hour + HOUR_MS + SEALED_AFTER_MS <= now)
        sealed = sorted((hour for hour in over if not self.outlived_raw(hour)), reverse=True)
        for hour in sealed:
            self._stale.discard(hour)  # a touch while it is being made puts it back
            try:
                await asyncio.to_thread(self._engine.execute, _insert_sql(hour, self._clock()))
                counts = (await asyncio.to_thread(self._count, hour)).get(hour, Counter())
            except BaseException:
                self._stale.add(hour)
                raise
            if hour not in self._stale:
                self._fresh[hour] = counts
        return len(sealed)

    def _count(self, hour: int) -> dict[int, Counter[str]]:
        return _counts(
            self._engine,
            "SELECT toUnixTimestamp(hour) AS at, substring(measure, 2) AS kind, sum(n) AS n FROM rollup_hours"
            " WHERE hour = {hour:DateTime('UTC')} AND startsWith(measure, '@') AND measure NOT IN ('@all', '@tabs')"
            " AND version = (SELECT max(version) FROM rollup_hours WHERE hour = {hour:DateTime('UTC')})"
            " GROUP BY at, kind",
            {"hour": str(hour // 1_000)},
        )

    def plan(self, question: Question, grouping: Grouping) -> Plan | None:
        """How to read the question from rollups; None where they don't keep what it asks, or hardly cover it."""
        window = question.window
        if question.by_arrival or not {*question.filters, *grouping.columns} <= set(ROLLED_UP):
            return None
        match grouping.buckets:
            case OneBucket():
                pass
            case Steps(step_ms) if step_ms % HOUR_MS == window.start_ms % HOUR_MS == 0:
                pass
            case _:
                return None
        first = -(-window.start_ms // HOUR_MS) * HOUR_MS
        end = window.end_ms // HOUR_MS * HOUR_MS
        fresh = [hour for hour in self._fresh if first <= hour < end]
        only_source = self.outlived_raw(first)
        if not fresh or (len(fresh) < FEWEST_HOURS and not only_source):
            return None
        return Plan(first, end, tuple(sorted(hour for hour in self._stale if first <= hour < end)), only_source)

    def kinds_worth_it(self, plan: Plan, kinds: Sequence[str]) -> list[str]:
        """The kinds to read from rollups: those so frequent that it is faster, or all."""
        if plan.only_source:
            return list(kinds)
        totals: Counter[str] = Counter()
        for hour, counts in self._fresh.items():
            if plan.first_hour <= hour < plan.end_hour:
                totals.update(counts)
        return [kind for kind in kinds if totals[kind] > RAW_IS_FASTER]


def _counts(engine: Engine, sql: str, parameters: dict[str, Parameter] | None = None) -> dict[int, Counter[str]]:
    counts: dict[int, Counter[str]] = {}
    for row in engine.query(sql, parameters):
        counts.setdefault(row["at"] * 1_000, Counter())[row["kind"]] = row["n"]
    return counts


_EVERY_HOUR = "1"
_UNROLLED_HOURS = (
    "(ts < {first_hour:DateTime('UTC')} OR ts >= {end_hour:DateTime('UTC')}"
    " OR toStartOfHour(ts) IN {stale_hours:Array(DateTime('UTC'))})"
)


def _source(name: str, question: Question, grouping: Grouping, hours: str) -> Query:
    """Raw events as rows of a rollup: of a measure by its name, of a kind (`@render`), or of tabs (`@tabs`)."""
    if name == TABS:
        return from_file("rollup_tabs", question, grouping, hours=hours, digest=_NO_DIGEST)
    measure = next((one for one in MEASURES if one.name == name), Measure(name, name[1:]))
    value = f"toFloat64({measure.value})" if measure.value else "toFloat64(0)"
    digest = (
        f"quantilesTDigestWeightedState(0.5, 0.95, 0.99)(toFloat32({measure.value}), toUInt32(round(weight * 100)))"
        if measure.distribution
        else _NO_DIGEST
    )
    return from_file(
        "rollup_source",
        question,
        grouping,
        hours=hours,
        measure=name,
        kinds="1" if name == ALL else f"kind = '{measure.kind}'",
        where=measure.where,
        total=f"sum(weight * {value})",
        least=f"min({value})",
        greatest=f"max({value})",
        digest=digest,
        with_sessions=str(int(name.startswith("@"))),
    )


def _insert_sql(hour: int, now_ms: int) -> str:
    """The statement that makes an hour's rollup, under a version above all before, whatever the clock says.

    Its parameters are numbers of ours, put into the text.
    """
    question = Question(Window(hour, hour + HOUR_MS))
    names = [measure.name for measure in MEASURES] + [of_kind(kind) for kind in KINDS] + [ALL, TABS]
    sources = [_source(name, question, WHOLE, _EVERY_HOUR).sql for name in names]
    moments = {"from": hour // 1_000, "to": (hour + HOUR_MS) // 1_000}
    sql = "\nUNION ALL\n".join(sources)
    for name, moment in moments.items():
        sql = sql.replace(f"{{{name}:DateTime64(3, 'UTC')}}", f"fromUnixTimestamp64Milli({moment * 1_000}, 'UTC')")
    newest = f"SELECT max(version) FROM rollup_hours WHERE hour = toDateTime({hour // 1_000})"
    return (
        "INSERT INTO rollup_hours (site, hour, version, measure, release, variant, n, weight, total, least, greatest,"
        f" digest, sessions) SELECT site, hour, greatest({now_ms}, ({newest}) + 1), measure, release, variant, n,"
        f" weight_sum, total, least, greatest, digest, sessions FROM ({sql}) SETTINGS max_threads = 1"
    )


def in_rollups(question: Question) -> str:
    """Scope and filters as a condition on rollups; the values are those of `build.condition`."""
    parts = [f"{name} IN {{in_{name}:Array(String)}}" for name in question.filters]
    if question.scope.sites is not None:
        parts.append("site IN {scope:Array(String)}")
    return " AND ".join(parts) or "1"


def read_query(names: Sequence[str], question: Question, grouping: Grouping, plan: Plan) -> Query:
    """Statistics of measures and pseudo-measures over the window: from rollups where the plan says so."""
    raw = [_source(name, question, grouping, _UNROLLED_HOURS) for name in names]
    read = from_file(
        "rollup_read",
        question,
        grouping,
        rollup_bucket=grouping.buckets.sql("toInt64(toUnixTimestamp(hour)) * 1000"),
        rollup_condition=in_rollups(question),
        sources="\nUNION ALL\n".join(query.sql for query in raw),
    )
    parameters: dict[str, Parameter] = {
        **raw[0].parameters,
        "measures": names,
        "first_hour": str(plan.first_hour // 1_000),
        "end_hour": str(plan.end_hour // 1_000),
        "stale_hours": [hour // 1_000 for hour in plan.stale],
    }
    return Query(read.sql, parameters)
