"""The timeline: sessions start, live and end; their batches come out in the order in which they are due."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count

from chatvitals.simulator.batches import Batch, cut
from chatvitals.simulator.dice import Dice
from chatvitals.simulator.faults.harm import Stricken, choose_faults
from chatvitals.simulator.faults.plan import PlannedFault
from chatvitals.simulator.fleet import Fleet
from chatvitals.simulator.story.scene import Scene
from chatvitals.simulator.story.session import MAX_SESSION_MS, Session, plan_session
from chatvitals.simulator.story.telling import tell

SAMPLED_SESSIONS = 500


def sessions_per_second(fleet: Fleet, seed: int, rate: float) -> float:
    """How many sessions have to start for `rate` events a second, judged by some that never take place."""
    sessions = (plan_session(-1 - number, seed, fleet, 0.0) for number in range(SAMPLED_SESSIONS))
    events = sum(len(scene.events) for session in sessions for scenes in tell(session) for scene in scenes)
    return rate * SAMPLED_SESSIONS / events


@dataclass(slots=True)
class _Life:
    """A session whose story is being told: the scenes still to come, and the faults that it suffers."""

    session: Session
    story: Iterator[list[Scene]]
    page: int
    stricken: Stricken = field(default_factory=list)


class Timeline:
    """An endless iterator of batches from `from_ms` on.

    Sessions start as a Poisson process, `starts_per_s` a second on the mean of a day. The fleet is already busy
    when the timeline begins: sessions that started before go on from where they are.
    """

    def __init__(
        self,
        fleet: Fleet,
        *,
        seed: int,
        starts_per_s: float,
        from_ms: float = 0.0,
        faults: Sequence[PlannedFault] = (),
    ) -> None:
        self._fleet = fleet
        self._seed = seed
        self._from_ms = from_ms
        self._faults = faults
        self._dice = Dice(f"{seed}/arrivals")
        self._starts_per_ms = starts_per_s / 1_000
        self._ties = count()
        self._sessions = count()
        self._next_arrival_ms = from_ms - MAX_SESSION_MS
        self._coming: list[tuple[float, int, Batch | _Life]] = []

    def __iter__(self) -> Iterator[Batch]:
        return self

    def __next__(self) -> Batch:
        while True:
            while not self._coming or self._next_arrival_ms <= self._coming[0][0]:
                self._start_session()
            _, _, next_up = heappop(self._coming)
            if isinstance(next_up, Batch):
                return next_up
            self._turn_page(next_up)

    def _start_session(self) -> None:
        at_ms = self._next_arrival_ms
        self._next_arrival_ms += self._dice.expovariate(self._starts_per_ms * self._fleet.activity(at_ms))
        session = plan_session(next(self._sessions), self._seed, self._fleet, at_ms)
        if session.ends_ms < self._from_ms:
            return
        page = next(number for number, page in enumerate(session.pages) if page.ends_ms >= self._from_ms)
        stricken = choose_faults(self._faults, session, self._seed)
        self._expect(session.pages[page].starts_ms, _Life(session, tell(session, page), page, stricken))

    def _turn_page(self, life: _Life) -> None:
        """Tell what happens on a session's next page, and expect the one after."""
        scenes = next(life.story, None)
        if scenes is None:
            return
        for scene in scenes:
            for batch in cut(scene, self._from_ms, self._fleet.start_ms, life.stricken):
                self._expect(batch.due_ms, batch)
        life.page += 1
        if life.page < len(life.session.pages):
            self._expect(life.session.pages[life.page].starts_ms, life)

    def _expect(self, at_ms: float, what: Batch | _Life) -> None:
        heappush(self._coming, (at_ms, next(self._ties), what))
