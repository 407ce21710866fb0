"""Alerting as it runs: several servers try for one lease, and whoever has it evaluates, dispatches and delivers."""

import asyncio
from collections.abc import Callable, Sequence

import structlog

from chatvitals.alerting.evaluator import Evaluator
from chatvitals.alerting.pace import Pace
from chatvitals.alerting.rule import Rule
from chatvitals.alerting.term import Cleans, Delivers, Dispatches, Term, Ticked
from chatvitals.store.control.leases import Lease, Leases

log = structlog.get_logger()

LEASE = "alerting"
TTL_MS = 15_000
RENEW_S = 4.0
TRY_S = 2.0
"""With the length of the lease this bounds how long nobody evaluates after a server died: 17 s."""


class Alerting:
    """Tries for the lease, and does the work while it has it."""

    def __init__(
        self,
        rules: Callable[[], Sequence[Rule]],
        evaluator: Evaluator,
        leases: Leases,
        dispatcher: Dispatches,
        postman: Callable[[Lease], Delivers],
        cleaning: Cleans,
        pace: Pace,
        holder: str,
        ready: Callable[[], bool] = lambda: True,
    ) -> None:
        """`holder` is a name that no other process has, nor an earlier run of this one. The work is not taken on before
        this server is `ready`, that is, knows which rules there are and whom to tell."""
        self._rules = rules
        self._evaluator = evaluator
        self._leases = leases
        self._dispatcher = dispatcher
        self._postman = postman
        self._cleaning = cleaning
        self._pace = pace
        self._holder = holder
        self._ready = ready
        self._term: Term | None = None
        self._renewed_s = 0.0
        self._woken = asyncio.Event()
        self._closing = False
        self._task: asyncio.Task[None] | None = None
        self._reported: dict[str, str] = {}
        self.failures = 0
        """How often something failed that was tried again."""

    @property
    def active(self) -> bool:
        """Whether this is the server that does the work."""
        return self._term is not None

    @property
    def holder(self) -> str:
        """The name under which this server has the lease, when it does."""
        return self._holder

    @property
    def ticked(self) -> dict[str, Ticked]:
        """The last evaluations of this server's term, by lane: fast and slow rules."""
        return {} if self._term is None else self._term.ticked

    def start(self) -> None:
        """Begin to try for the lease."""
        self._task = asyncio.create_task(self._hold(), name="alerting")

    def nudge(self) -> None:
        """Events were stored: fast rules are evaluated now."""
        if self._term is not None:
            self._term.nudge()

    async def close(self) -> None:
        """Finish what is under way, and give the lease back."""
        self._closing = True
        self._woken.set()
        if self._task is not None:
            await self._task

    async def _hold(self) -> None:
        while not self._closing:
            try:
                if self._term is not None or self._ready():
                    await self._follow(await self._take())
            except Exception as error:
                self._report("alerting not begun", error)
            await self._pace.wait(self._woken, TRY_S if self._term is None else RENEW_S)
        if self._term is not None:
            lease = self._term.lease
            await self._end()
            await self._release(lease)

    async def _take(self) -> Lease | None:
        """The lease, if it is this server's. One that can't be renewed is counted on until another may have it."""
        asked_s = self._pace.elapsed_s()
        try:
            lease = await self._pace.work(lambda: self._leases.take(LEASE, self._holder, TTL_MS))
        except Exception as error:
            self._report("lease not renewed", error)
            if self._term is None or asked_s - self._renewed_s >= TTL_MS / 1_000:
                return None
            return self._term.lease
        self._renewed_s = asked_s
        return lease

    async def _follow(self, lease: Lease | None) -> None:
        if self._term is not None and (self._term.over or self._term.lease != lease):
            log.warning("alerting isn't this server's any more")
            await self._end()
        if self._term is None and lease is not None and not self._closing:
            term = Term(
                lease,
                self._rules,
                self._evaluator,
                self._dispatcher,
                self._postman(lease),
                self._cleaning,
                self._pace,
                self._report,
                self._woken.set,
            )
            await term.begin()
            log.info("alerting is this server's", epoch=lease.epoch)
            self._term = term

    async def _end(self) -> None:
        if self._term is not None:
            term, self._term = self._term, None
            await term.end()

    async def _release(self, lease: Lease) -> None:
        try:
            await self._pace.work(lambda: self._leases.release(lease))
        except Exception as error:  # it is over by itself in a while
            self._report("lease not given back", error)

    def _report(self, what: str, error: Exception) -> None:
        """Each failure is logged, where it comes from only once in a row."""
        self.failures += 1
        text = f"{type(error).__name__}: {error}"
        log.error(what, error=text, exc_info=None if self._reported.get(what) == text else error)
        self._reported[what] = text
