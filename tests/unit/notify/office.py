"""A postman over a real outbox, with time that a test moves and channels that do what it says."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from msgspec import field as struct_field
from tests.support.notifications import notification, surroundings
from tests.unit.notify.virtual_time import VirtualTime

from chatvitals.notify.channels.channel import Channel, NotTaken
from chatvitals.notify.channels.settings import ChannelSettings
from chatvitals.notify.letters import letters_of
from chatvitals.notify.message import Notification
from chatvitals.notify.postman import Postman
from chatvitals.notify.receivers import Receiver
from chatvitals.notify.surroundings import Surroundings
from chatvitals.store.control.database import open_database
from chatvitals.store.control.outbox import LetterRecord, Outbox, insert_letters


@dataclass
class Place:
    """Where a scripted channel delivers to: what came when, and what becomes of the next ones."""

    time: VirtualTime
    came: list[tuple[int, str]] = field(default_factory=list)
    failures: list[Exception | None] = field(default_factory=list)
    """For the next attempts, in turn; then all is taken."""
    always: Exception | None = None
    hold: asyncio.Event | None = None
    held: int = 0
    opened: int = 0
    closed: int = 0

    @property
    def threads(self) -> list[str]:
        return [name for _, name in self.came]

    async def send(self, message: Notification) -> None:
        self.came.append((self.time.now_ms, message.thread))
        if self.hold is not None:
            self.held += 1
            try:
                await self.hold.wait()
            finally:
                self.held -= 1
        failure = self.failures.pop(0) if self.failures else self.always
        if failure is not None:
            raise failure

    async def close(self) -> None:
        self.closed += 1


class ScriptedSettings(ChannelSettings, tag="scripted", frozen=True, kw_only=True):
    place: Any = struct_field(default=None)
    version: int = 0

    @property
    def target(self) -> str:
        return "a script"

    def open(self, surroundings: Surroundings) -> Channel:
        del surroundings
        self.place.opened += 1
        channel: Channel = self.place
        return channel


class Office:
    """One receiver, `on-call`, with a channel for each place."""

    def __init__(self, folder: Path, places: int = 1) -> None:
        self.time = VirtualTime()
        self.places = [Place(self.time) for _ in range(places)]
        self.place = self.places[0]
        self.database = open_database(f"sqlite:///{folder / 'control.sqlite'}")
        self.outbox = Outbox(self.database)
        self.receiver = receiver_of(*(ScriptedSettings(place=place) for place in self.places))
        self.receivers = {"on-call": self.receiver}
        self.surroundings = replace(surroundings(folder), clock=self.time)
        self.chance = 0.5
        """In the middle there is no jitter."""

    def write(self, *messages: Notification) -> None:
        """Put notifications into the outbox, one a millisecond."""
        with self.database.begin() as connection:
            for late, message in enumerate(messages):
                self.time.now_ms += late > 0
                insert_letters(connection, letters_of(message, self.receiver, self.time.now_ms))

    def postman(self, outbox: Outbox | None = None, *, look_every_s: float = 3_600, **arguments: Any) -> Postman:
        return Postman(
            outbox or self.outbox,
            lambda: self.receivers,
            self.surroundings,
            lambda: self.chance,
            wait=self.time.wait,
            look_every_s=look_every_s,
            **arguments,
        )

    @asynccontextmanager
    async def open(self, **arguments: Any) -> AsyncIterator[Postman]:
        """A postman at work, who has done all that there is to do now."""
        postman = self.postman(**arguments)
        postman.start()
        await self.settle()
        try:
            yield postman
        finally:
            for place in self.places:
                if place.hold is not None:
                    place.hold.set()
            await postman.close()

    async def settle(self) -> None:
        """Until nobody does anything but wait for time, or is held."""
        while not self._is_settled():  # noqa: ASYNC110 - it is the others' turn
            await asyncio.sleep(0)

    def _is_settled(self) -> bool:
        under_way = [task for task in asyncio.all_tasks() if task.get_name().startswith("deliver ")]
        held = sum(place.held for place in self.places if place.hold and not place.hold.is_set())
        return self.time.all_wait and len(under_way) <= held + self.time.waits - 1

    async def pass_time(self, ms: int) -> None:
        """Let time pass, with a stop wherever somebody waits for."""
        end = self.time.now_ms + ms
        while (at := self.time.next_ms()) is not None and at <= end:
            self.time.move(at)
            await self.settle()
        self.time.move(end)
        await self.settle()

    async def jump(self, to_ms: int) -> None:
        """Let time pass without a stop."""
        self.time.move(to_ms)
        await self.settle()

    def letters(self) -> list[LetterRecord]:
        """All, the oldest first."""
        return list(reversed(self.outbox.find(1_000)))

    def statuses(self) -> list[str]:
        return [letter.status.value for letter in self.letters()]


def receiver_of(*channels: ChannelSettings) -> Receiver:
    made: Callable[..., Receiver] = Receiver  # of channels that aren't in the union
    return made("on-call", channels)


def messages(threads: Iterable[str], first: int = 1) -> Sequence[Notification]:
    return [notification(number, thread=thread) for number, thread in enumerate(threads, first)]


def refusal(*, final: bool = False, after_s: float | None = None) -> NotTaken:
    return NotTaken("not now", final=final, after_s=after_s)
