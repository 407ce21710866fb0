"""Trying a receiver: a test notification through each of its channels at once, past the outbox."""

import asyncio
from collections.abc import Callable

from msgspec import Struct

from chatvitals.catalogue.severities import Severity
from chatvitals.notify.channels.channel import NotTaken
from chatvitals.notify.channels.settings import ChannelSettings
from chatvitals.notify.message import Notification, Reason, Told
from chatvitals.notify.receivers import Receiver
from chatvitals.notify.surroundings import Surroundings
from chatvitals.store.control.incidents import Blast

DEADLINE_S = 20.0


class Trial(Struct, rename="camel", frozen=True, kw_only=True):
    """How one channel did; `error` is empty where it delivered."""

    channel: str
    type: str
    target: str
    delivered: bool
    error: str
    took_ms: int


async def try_receiver(
    receiver: Receiver, surroundings: Surroundings, new_id: Callable[[], str], deadline_s: float = DEADLINE_S
) -> list[Trial]:
    """Send a test notification through every channel, and say how each did."""
    notification = _test_notification(receiver.name, new_id(), surroundings.clock())
    return await asyncio.gather(
        *(
            _try(name, settings, notification, surroundings, deadline_s)
            for name, settings in receiver.named_channels().items()
        )
    )


async def _try(
    name: str, settings: ChannelSettings, notification: Notification, surroundings: Surroundings, deadline_s: float
) -> Trial:
    loop = asyncio.get_running_loop()
    started_s, error = loop.time(), ""
    try:
        async with asyncio.timeout(deadline_s):
            channel = await asyncio.to_thread(settings.open, surroundings)
            try:
                await channel.send(notification)
            finally:
                await channel.close()
    except NotTaken as refusal:
        error = str(refusal)
    except TimeoutError:
        error = f"it took longer than {deadline_s:g} s"
    except Exception as failure:  # without its words, in which there may be a secret
        error = f"the channel failed with {type(failure).__name__}"
    return Trial(
        channel=name,
        type=settings.kind,
        target=settings.target,
        delivered=not error,
        error=error,
        took_ms=round(1_000 * (loop.time() - started_s)),
    )


def _test_notification(receiver: str, id: str, now_ms: int) -> Notification:
    told = Told(
        incident=id,
        fingerprint="test",
        rule="test",
        severity=Severity.INFO,
        category="delivery",
        title="A test of chatvitals",
        message=f"This is a test of the receiver {receiver}: nothing is wrong.",
        labels={"rule": "test", "severity": "info"},
        value=None,
        threshold=None,
        unit="",
        blast=Blast(),
        opened_ms=now_ms,
        resolved_ms=now_ms,  # so that a service that keeps alerts doesn't keep this one
    )
    return Notification(
        id=id,
        receiver=receiver,
        reason=Reason.TEST,
        thread=f"test-{id}",
        group={},
        incidents=(told,),
        created_ms=now_ms,
    )
