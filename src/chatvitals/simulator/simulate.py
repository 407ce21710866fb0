"""Runs a simulation: the past through the import, then live traffic, with the truth written beside."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from math import inf
from pathlib import Path

from chatvitals.simulator.backfill import Importer, catch_up
from chatvitals.simulator.batches import Batch
from chatvitals.simulator.dice import Dice
from chatvitals.simulator.faults.plan import PlannedFault, check_values
from chatvitals.simulator.fleet import HOUR_MS, Fleet
from chatvitals.simulator.http import Endpoint
from chatvitals.simulator.live import Beacons, Courier, Pace, send_live
from chatvitals.simulator.sender import Clock
from chatvitals.simulator.timeline import Timeline, sessions_per_second
from chatvitals.simulator.truth.lines import FaultLine, StartLine, Summary
from chatvitals.simulator.truth.recorder import Recorder

PROGRESS_S = 0.5
MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class SimulationOptions:
    """What to simulate and where to send it.

    `rate` is the mean number of events a second of the whole fleet. With `backfill_hours` it is the mean of
    a day and follows the time of day, in the past and live; without, it is the same all the time. `minutes`
    is how long live traffic goes on: None for ever, 0 not at all. `sample` is what the widgets say their
    sampling rate is. `truth` is the file for what was really sent.
    """

    url: str = "http://127.0.0.1:8000"
    key: str = "demo-key"
    site: str = "demo"
    rate: float = 50.0
    minutes: float | None = None
    backfill_hours: float = 0.0
    seed: int = 1
    customers: int = 20
    faults: tuple[PlannedFault, ...] = ()
    truth: Path | None = None
    sample: float = 1.0
    compress: bool = False
    connections: int = 8
    allow_remote: bool = False

    def __post_init__(self) -> None:
        """Refuse what can't be simulated.

        Raises:
            ValueError: saying what is wrong.
        """
        endpoint = Endpoint.from_url(self.url)
        if not endpoint.loopback and not self.allow_remote:
            raise ValueError(f"{endpoint.host} is not this machine: simulated events would mix with real ones there")
        for name, value in (
            ("rate", self.rate),
            ("customers", self.customers),
            ("connections", self.connections),
        ):
            if value <= 0:
                raise ValueError(f"{name} has to be above 0, not {value}")
        for name, value in (("minutes", self.minutes or 0), ("backfill_hours", self.backfill_hours)):
            if value < 0:
                raise ValueError(f"{name} can't be negative, like {value}")
        if not 0 < self.sample <= 1:
            raise ValueError(f"sample has to be above 0 and at most 1, not {self.sample}")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a simulation is.

    `done` is the part of the phase that is over, None where it has no end; `behind_ms` how late live traffic
    is. `summary` counts what was sent so far.
    """

    phase: str
    done: float | None
    behind_ms: float
    elapsed_s: float
    events_per_second: float
    summary: Summary


async def simulate(
    options: SimulationOptions,
    *,
    clock: Clock,
    progress: Callable[[Progress], None] | None = None,
    stop: asyncio.Event | None = None,
) -> Summary:
    """Simulate a fleet until its time is over, `stop` is set, or the task is cancelled.

    Whatever ends it, the truth file gets its summary; `stop` also lets requests under way get their answers.

    Raises:
        FaultPlanError: if a fault is planned for a value that this fleet doesn't have.
        HopelessError: if the server doesn't take what is sent.
    """
    start_ms = int(clock())
    fleet = Fleet(options.seed, options.customers, start_ms, daily_rhythm=options.backfill_hours > 0)
    for plan in options.faults:
        check_values(plan, fleet)
    with Recorder(options.truth, site=options.site, sample=options.sample) as recorder:
        recorder.summary.from_ms = start_ms - options.backfill_hours * HOUR_MS
        recorder.note(StartLine(seed=options.seed, rate=options.rate, customers=options.customers, start_ms=start_ms))
        for plan in options.faults:
            recorder.note(FaultLine.of(plan, start_ms))
        run = _Run(options, fleet, recorder, clock, stop or asyncio.Event())
        watching = asyncio.create_task(run.watch(progress))
        try:
            await run.go()
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching
            recorder.summary.until_ms = clock()
            if progress:
                progress(run.progress(0.0))
    return recorder.summary


class _Run:
    """One simulation under way."""

    def __init__(
        self, options: SimulationOptions, fleet: Fleet, recorder: Recorder, clock: Clock, stop: asyncio.Event
    ) -> None:
        self._options = options
        self._fleet = fleet
        self._recorder = recorder
        self._clock = clock
        self._stop = stop
        self._endpoint = Endpoint.from_url(options.url)
        self._backoff = Dice(f"{options.seed}/back-off")
        self._pace: Pace | None = None
        self._imported_ms = -options.backfill_hours * HOUR_MS

    async def go(self) -> None:
        options = self._options
        timeline: Iterator[Batch] = Timeline(
            self._fleet,
            seed=options.seed,
            starts_per_s=sessions_per_second(self._fleet, options.seed, options.rate),
            from_ms=-options.backfill_hours * HOUR_MS,
            faults=options.faults,
        )
        if options.backfill_hours:
            timeline = chain([await self._backfill(timeline)], timeline)
        if options.minutes != 0 and not self._stop.is_set():
            await self._live(timeline)

    async def _backfill(self, timeline: Iterator[Batch]) -> Batch:
        importer = Importer(
            self._endpoint,
            self._options.site,
            self._recorder,
            sample=self._options.sample,
            gzipped=self._options.compress,
            clock=self._clock,
            dice=self._backoff,
        )

        def in_the_past(due_ms: float) -> bool:
            self._imported_ms = due_ms
            end_ms = 0.0 if self._options.minutes == 0 else self._now_ms()
            return due_ms < end_ms and not self._stop.is_set()

        return await catch_up(timeline, importer, in_the_past)

    async def _live(self, timeline: Iterator[Batch]) -> None:
        options, now_ms = self._options, self._now_ms()
        until_ms = inf if options.minutes is None else now_ms + options.minutes * MINUTE_MS
        self._pace = Pace(self._now_ms, now_ms, until_ms, self._stop)
        beacons = Beacons(options.key, options.sample, options.compress, self._clock)
        courier = Courier(self._endpoint, beacons, self._recorder, self._clock, self._backoff)
        await send_live(timeline, self._pace, courier, options.connections)

    def _now_ms(self) -> float:
        return self._clock() - self._fleet.start_ms

    async def watch(self, report: Callable[[Progress], None] | None) -> None:
        """Report progress and bring the truth to the file, every now and then, for ever."""
        while True:
            before = self._recorder.summary.events
            await asyncio.sleep(PROGRESS_S)
            self._recorder.flush()
            if report:
                report(self.progress((self._recorder.summary.events - before) / PROGRESS_S))

    def progress(self, events_per_second: float) -> Progress:
        past_ms = self._options.backfill_hours * HOUR_MS
        return Progress(
            phase="live" if self._pace else "backfill",
            done=self._pace.done(self._now_ms()) if self._pace else min(1 + self._imported_ms / (past_ms or 1), 1.0),
            behind_ms=self._pace.behind_ms if self._pace else 0.0,
            elapsed_s=self._now_ms() / 1_000,
            events_per_second=events_per_second,
            summary=self._recorder.summary,
        )
