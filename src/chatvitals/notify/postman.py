"""Delivers what waits in the outbox: at least once, in the order of each thread, one task a channel."""

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

import structlog

from chatvitals.notify.backoff import wait_ms
from chatvitals.notify.channels.channel import Channel, NotTaken
from chatvitals.notify.channels.settings import ChannelSettings
from chatvitals.notify.receivers import Receiver
from chatvitals.notify.surroundings import Surroundings
from chatvitals.notify.writing import decode
from chatvitals.store.control.outbox import LetterRecord, Outbox

log = structlog.get_logger()

DEADLINE_S = 20.0
"""How long one attempt may take."""
_DAY_MS = 86_400_000
KEPT_DELIVERED_MS = 30 * _DAY_MS
KEPT_DEAD_MS = 90 * _DAY_MS
_CLEAN_EVERY_MS = 3_600_000
_CLEAN_ROWS = 1_000
LOOK_EVERY_S = 5.0
"""How often to look without being woken: another process may have a letter sent again."""
_AFTER_FAILURE_S = 5.0
_GRACE_S = 3.0
"""How long attempts under way may go on at the end."""
_MAX_ERROR = 500

Wait = Callable[[asyncio.Event, float], Awaitable[None]]
"""Waits until the event is set, at most so many seconds."""
_Address = tuple[str, str]
"""Receiver and channel."""


async def wait_for_event(event: asyncio.Event, seconds: float) -> None:
    """Wait in the machine's time."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


@dataclass(frozen=True, slots=True)
class _Open:
    settings: ChannelSettings
    channel: Channel


class Postman:
    """A channel that is slow, fails or hangs delays no other: what waits for it waits in the outbox."""

    def __init__(
        self,
        outbox: Outbox,
        receivers: Callable[[], Mapping[str, Receiver]],
        surroundings: Surroundings,
        chance: Callable[[], float],
        *,
        deadline_s: float = DEADLINE_S,
        look_every_s: float = LOOK_EVERY_S,
        wait: Wait = wait_for_event,
    ) -> None:
        """`receivers` are asked for anew each time; `chance` is in [0, 1), as `random.random`."""
        self._outbox = outbox
        self._receivers = receivers
        self._surroundings = surroundings
        self._chance = chance
        self._deadline_s = deadline_s
        self._look_every_s = look_every_s
        self._wait = wait
        self._awake = asyncio.Event()
        self._closing = False
        self._task: asyncio.Task[None] | None = None
        self._rounds: dict[_Address, asyncio.Task[None]] = {}
        self._channels: dict[_Address, _Open] = {}
        self._clean_at_ms = 0

    def start(self) -> None:
        """Begin to deliver."""
        self._task = asyncio.create_task(self._run(), name="postman")

    def wake(self) -> None:
        """Look into the outbox now."""
        self._awake.set()

    async def close(self) -> None:
        """Begin nothing more, let what is under way end within a few seconds, and close the channels."""
        self._closing = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        if self._rounds:
            _, late = await asyncio.wait(self._rounds.values(), timeout=_GRACE_S)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)
        for address in list(self._channels):
            await self._close_channel(address)

    async def _run(self) -> None:
        while True:
            self._awake.clear()
            try:
                pause_s = await self._look()
            except Exception as error:  # the store may be away: what is in it stays, so say so, and try again
                log.error("outbox not read", error=_place_of(error))
                pause_s = _AFTER_FAILURE_S
            await self._wait(self._awake, pause_s)

    async def _look(self) -> float:
        """Begin a round on each channel that has something due; how many seconds until there may be more."""
        now = self._surroundings.clock()
        await self._clean(now)
        pause_s = self._look_every_s
        for queue in await asyncio.to_thread(self._outbox.queues):
            address = (queue.receiver, queue.channel)
            if address in self._rounds:
                continue
            if queue.due_ms <= now:
                self._rounds[address] = asyncio.create_task(self._deliver_due(address), name=f"deliver {address}")
            else:
                pause_s = min(pause_s, (queue.due_ms - now) / 1_000)
        for address in self._channels.keys() - self._rounds.keys():
            if self._settings_of(address) is None:
                await self._close_channel(address)
        return pause_s

    async def _clean(self, now_ms: int) -> None:
        if now_ms < self._clean_at_ms:
            return
        delivered_ms, dead_ms = now_ms - KEPT_DELIVERED_MS, now_ms - KEPT_DEAD_MS
        letters = await asyncio.to_thread(self._outbox.clean, delivered_ms, dead_ms, _CLEAN_ROWS)
        kept = await asyncio.to_thread(self._surroundings.notifications.clean, delivered_ms, _CLEAN_ROWS)
        if max(letters, kept) < _CLEAN_ROWS:
            self._clean_at_ms = now_ms + _CLEAN_EVERY_MS

    async def _deliver_due(self, address: _Address) -> None:
        """One letter after the other, until none is due on this channel."""
        try:
            while not self._closing and (letter := await self._take(address)) is not None:
                await self._deliver(address, letter)
        except Exception as error:  # of the store: the letter is taken again when its time is over
            log.error("outbox not written", receiver=address[0], channel=address[1], error=_place_of(error))
            await self._wait(asyncio.Event(), _AFTER_FAILURE_S)
        finally:
            del self._rounds[address]
            self._awake.set()

    async def _take(self, address: _Address) -> LetterRecord | None:
        now = self._surroundings.clock()
        # longer than the attempt may take, so that nobody begins another before this one has ended
        until = now + round(1_500 * self._deadline_s)
        return await asyncio.to_thread(self._outbox.take, *address, now, until)

    async def _deliver(self, address: _Address, letter: LetterRecord) -> None:
        failure = await self._try(address, letter)
        now = self._surroundings.clock()
        if failure is None:
            await asyncio.to_thread(self._outbox.deliver, letter, now)
            return
        pause = None if failure.final else wait_ms(letter.attempts, failure.after_s, self._chance())
        error = str(failure)[:_MAX_ERROR]
        due = None if pause is None else now + pause
        await asyncio.to_thread(self._outbox.fail, letter, now, error, due)
        told = log.error if due is None else log.warning
        told(
            "notification not delivered",
            receiver=letter.receiver,
            channel=letter.channel,
            letter=letter.id,
            attempts=letter.attempts,
            again_in_s=None if pause is None else pause // 1_000,
            error=error,
        )

    async def _try(self, address: _Address, letter: LetterRecord) -> NotTaken | None:
        """One attempt; why it failed, or None."""
        limit = asyncio.timeout(self._deadline_s)
        try:
            async with limit:
                channel = await self._channel(address)
                await channel.send(decode(letter.document))
        except NotTaken as error:
            return error
        except Exception as error:
            if limit.expired():
                return NotTaken(f"it took longer than {self._deadline_s:g} s")
            # Without the error's words, in which there may be a secret.
            log.error("channel failed", receiver=letter.receiver, channel=letter.channel, error=_place_of(error))
            return NotTaken(f"the channel failed with {type(error).__name__}: the log says where")
        return None

    def _settings_of(self, address: _Address) -> ChannelSettings | None:
        receiver = self._receivers().get(address[0])
        return None if receiver is None else receiver.named_channels().get(address[1])

    async def _channel(self, address: _Address) -> Channel:
        """The channel, opened anew where its settings are others than before. Raises NotTaken where there is none."""
        settings = self._settings_of(address)
        if settings is None:
            raise NotTaken(f"there is no channel {address[1]!r} of a receiver {address[0]!r} any more")
        found = self._channels.get(address)
        if found is not None and found.settings != settings:
            await self._close_channel(address)
            found = None
        if found is None:
            channel = await asyncio.to_thread(settings.open, self._surroundings)  # which may import much
            found = self._channels[address] = _Open(settings, channel)
        return found.channel

    async def _close_channel(self, address: _Address) -> None:
        try:
            async with asyncio.timeout(_GRACE_S):
                await self._channels.pop(address).channel.close()
        except Exception as error:
            log.warning("channel not closed", receiver=address[0], channel=address[1], error=_place_of(error))


def _place_of(error: Exception) -> str:
    """Kind and place of an error, without its words, in which there may be a secret."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {frame.filename}:{frame.lineno}"
