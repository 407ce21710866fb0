"""The work of whoever has the lease, as long as it has it: rules in two lanes, notifications, deliveries, cleaning."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from chatvitals.alerting.evaluator import Evaluator
from chatvitals.alerting.pace import Pace
from chatvitals.alerting.rule import Rule
from chatvitals.alerting.schedule import Schedule
from chatvitals.store.control.leases import Lease, LeaseLost

FAST_MS = 5_000
"""Rules with intervals up to this have a lane of their own, and events that were just stored wake it."""

LOOK_S = 1.0
"""Rules, clocks and what is due to be told are looked at this often at least."""

RETRY_S = 60.0
"""After a clean-up that failed."""


class Dispatches(Protocol):
    """Makes notifications of incidents."""

    def dispatch(self, lease: Lease, now_ms: int) -> int:
        """Write the letters that are due; returns how many. Blocks. Raises LeaseLost."""


class Cleans(Protocol):
    """Removes what is over for long."""

    def clean(self, lease: Lease, now_ms: int) -> float:
        """Remove some; returns in how many seconds to go on. Blocks. Raises LeaseLost."""


class Delivers(Protocol):
    """Delivers letters, from `start` to `close`."""

    def start(self) -> None:
        """Begin."""

    def wake(self) -> None:
        """There are new letters."""

    async def close(self) -> None:
        """End; what isn't delivered stays waiting."""


@dataclass(frozen=True, slots=True)
class Ticked:
    """An evaluation of several rules: when it began, Unix milliseconds, how many, and how long it took."""

    at_ms: int
    rules: int
    took_ms: float


@dataclass(slots=True)
class _Lane:
    """Rules that tick one after another; other lanes don't wait for them."""

    name: str
    takes: Callable[[Rule], bool]
    names: frozenset[str] = frozenset()
    """The rules that it evaluated."""
    schedule: Schedule = field(default_factory=Schedule)
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    nudged: bool = False
    ticked: Ticked | None = None


class Term:
    """One time of having the lease. `report` gets what failed: the work goes on; `lost` is called when it can't."""

    def __init__(
        self,
        lease: Lease,
        rules: Callable[[], Sequence[Rule]],
        evaluator: Evaluator,
        dispatcher: Dispatches,
        postman: Delivers,
        cleaning: Cleans,
        pace: Pace,
        report: Callable[[str, Exception], None],
        lost: Callable[[], None],
    ) -> None:
        self.lease = lease
        self._rules = rules
        self._evaluator = evaluator
        self._dispatcher = dispatcher
        self._postman = postman
        self._cleaning = cleaning
        self._pace = pace
        self._report = report
        self._lost = lost
        self._ending = False
        self._fast = _Lane("fast", lambda rule: rule.every_ms <= FAST_MS)
        self._slow = _Lane("slow", lambda rule: rule.every_ms > FAST_MS)
        self._changed = asyncio.Event()
        self._clean_up = asyncio.Event()
        self._pause_s = RETRY_S
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def over(self) -> bool:
        """Whether it ended, or the lease turned out to be lost."""
        return self._ending

    @property
    def ticked(self) -> dict[str, Ticked]:
        """The last evaluation of each lane that had one."""
        return {lane.name: lane.ticked for lane in (self._fast, self._slow) if lane.ticked is not None}

    async def begin(self) -> None:
        """Take up the work where it was left. Raises what the control store raises."""
        rules, now_ms = self._rules(), self._pace.now_ms()
        await self._pace.work(self._evaluator.load)
        await self._pace.work(lambda: self._evaluator.retire(self.lease, rules, None, now_ms))
        self._postman.start()
        work = {
            "fast rules": lambda: self._evaluate(self._fast),
            "slow rules": lambda: self._evaluate(self._slow),
            "notifications": self._dispatch,
            "cleaning": self._clean,
        }
        self._tasks = [asyncio.create_task(task(), name=name) for name, task in work.items()]

    def nudge(self) -> None:
        """Events were stored: tick the fast rules now."""
        self._fast.nudged = True
        self._fast.woken.set()

    async def end(self) -> None:
        """Finish what is under way and stop."""
        self._ending = True
        for woken in (self._fast.woken, self._slow.woken, self._changed, self._clean_up):
            woken.set()
        await asyncio.gather(*self._tasks)
        await self._postman.close()

    async def _evaluate(self, lane: _Lane) -> None:
        while not self._ending:
            await self._try("rules not retired", lambda: self._retire(lane))
            await self._try("rules not evaluated", lambda: self._tick(lane))
            next_ms = lane.schedule.next_ms(self._rules_of(lane), self._pace.now_ms())
            await self._pace.wait(lane.woken, LOOK_S if next_ms is None else min(LOOK_S, next_ms / 1_000))

    async def _tick(self, lane: _Lane) -> None:
        now_ms, rules, nudged = self._pace.now_ms(), self._rules_of(lane), lane.nudged
        lane.nudged = False
        due = rules if nudged else lane.schedule.due(rules, now_ms)
        if not due:
            return
        lane.schedule.ticked(due, now_ms)
        lane.names |= {rule.name for rule in due}
        began_s = self._pace.elapsed_s()
        if await self._pace.work(lambda: self._evaluator.tick(self.lease, due, now_ms)):
            self._changed.set()
        lane.ticked = Ticked(now_ms, len(due), (self._pace.elapsed_s() - began_s) * 1_000)

    async def _retire(self, lane: _Lane) -> None:
        """End what this lane evaluated and nobody does any more: here none of it is under way."""
        rules, now_ms = self._rules(), self._pace.now_ms()
        gone = lane.names - {rule.name for rule in rules if rule.enabled}
        if not gone:
            return
        if await self._pace.work(lambda: self._evaluator.retire(self.lease, rules, gone, now_ms)):
            self._changed.set()
        lane.names -= gone

    def _rules_of(self, lane: _Lane) -> list[Rule]:
        return [rule for rule in self._rules() if rule.enabled and lane.takes(rule)]

    async def _dispatch(self) -> None:
        while not self._ending:
            await self._try("notifications not dispatched", self._dispatch_once)
            await self._pace.wait(self._changed, LOOK_S)

    async def _dispatch_once(self) -> None:
        now_ms = self._pace.now_ms()
        if await self._pace.work(lambda: self._dispatcher.dispatch(self.lease, now_ms)):
            self._postman.wake()

    async def _clean(self) -> None:
        while not self._ending:
            self._pause_s = RETRY_S
            await self._try("what is over not cleaned up", self._clean_once)
            await self._pace.wait(self._clean_up, self._pause_s)

    async def _clean_once(self) -> None:
        now_ms = self._pace.now_ms()
        self._pause_s = await self._pace.work(lambda: self._cleaning.clean(self.lease, now_ms))

    async def _try(self, what: str, work: Callable[[], Awaitable[None]]) -> None:
        if self._ending:
            return
        try:
            await work()
        except LeaseLost:
            self._ending = True
            self._lost()
        except Exception as error:  # it is done again at the next turn
            self._report(what, error)
