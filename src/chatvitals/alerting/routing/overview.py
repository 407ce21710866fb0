"""Receivers as they are configured, with how each of their channels fares. No secrets: a channel says its target."""

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from chatvitals.notify.receivers import Receiver
from chatvitals.store.control.outbox import ChannelHealth


class ChannelAnswer(Struct, rename="camel", frozen=True, kw_only=True):
    """A channel of a receiver and how it fares. `error` is of the last attempt that failed, at `failedMs`."""

    name: str
    type: str
    target: str
    waiting: int = 0
    dead: int = 0
    delivered_ms: int | None = None
    failed_ms: int | None = None
    error: str = ""


class ReceiverAnswer(Struct, rename="camel", frozen=True):
    """A receiver with its channels."""

    name: str
    channels: list[ChannelAnswer]


class GoneChannel(Struct, rename="camel", frozen=True):
    """A channel that isn't configured any more, with what was left for it."""

    receiver: str
    channel: str
    waiting: int
    dead: int


class ReceiversAnswer(Struct, rename="camel", frozen=True):
    """Every receiver, and the channels for which letters were left behind."""

    receivers: list[ReceiverAnswer]
    gone: list[GoneChannel]


def receivers_overview(receivers: Mapping[str, Receiver], health: Iterable[ChannelHealth]) -> ReceiversAnswer:
    """Receivers beside what the outbox knows of their channels."""
    fares = {(one.receiver, one.channel): one for one in health}
    told = [
        ReceiverAnswer(
            receiver.name,
            [
                ChannelAnswer(
                    name=name,
                    type=settings.kind,
                    target=settings.target,
                    **_figures(fares.pop((receiver.name, name), None)),
                )
                for name, settings in receiver.named_channels().items()
            ],
        )
        for receiver in receivers.values()
    ]
    gone = [
        GoneChannel(one.receiver, one.channel, one.waiting, one.dead)
        for one in fares.values()
        if one.waiting or one.dead
    ]
    return ReceiversAnswer(told, gone)


def _figures(health: ChannelHealth | None) -> dict[str, Any]:
    if health is None:
        return {}
    names = ("waiting", "dead", "delivered_ms", "failed_ms", "error")
    return {name: getattr(health, name) for name in names}
