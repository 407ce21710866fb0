"""A process that delivers what is in an outbox until it is killed."""

import asyncio
import random
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess

from chatvitals.clock import Clock, system_clock
from chatvitals.notify.channels.webhook.settings import WebhookSettings
from chatvitals.notify.postman import Postman
from chatvitals.notify.receivers import Receiver
from chatvitals.notify.surroundings import system_surroundings
from chatvitals.store.control.database import open_database
from chatvitals.store.control.notifications import Notifications
from chatvitals.store.control.outbox import Outbox

# One process imports all of it once, and each that is started is a copy of that one.
_PROCESSES = get_context("forkserver")
_PROCESSES.set_forkserver_preload(
    [__name__, "chatvitals.notify.channels.webhook.channel", "sqlalchemy.dialects.sqlite"]
)


def receiver_of(url: str, channels: int) -> Receiver:
    """Webhooks to different paths of one server."""
    return Receiver("on-call", tuple(WebhookSettings(url=f"{url}/{number}") for number in range(channels)))


def start_postman(database_url: str, receiver: Receiver, ahead_ms: int) -> ForkServerProcess:
    """Start one, by whose clock it is `ahead_ms` later."""
    process = _PROCESSES.Process(target=_deliver_forever, args=(database_url, receiver, ahead_ms), daemon=True)
    process.start()
    return process


def _deliver_forever(database_url: str, receiver: Receiver, ahead_ms: int) -> None:
    asyncio.run(_deliver(database_url, receiver, lambda: system_clock() + ahead_ms))


async def _deliver(database_url: str, receiver: Receiver, clock: Clock) -> None:
    database = open_database(database_url)
    surroundings = system_surroundings(clock, Notifications(database), ["127.0.0.1"])
    receivers = {receiver.name: receiver}
    Postman(Outbox(database), lambda: receivers, surroundings, random.random).start()
    await asyncio.Event().wait()
