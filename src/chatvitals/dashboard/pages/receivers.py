"""`/dashboard/receivers`: whom notifications go to, how their channels fare, and trying them."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chatvitals.alerting.routing.overview import ChannelAnswer, GoneChannel, receivers_overview
from chatvitals.dashboard.page import Action, Done, Page, PageContext, Visit, help_
from chatvitals.dashboard.view import segment
from chatvitals.errors import NotFound
from chatvitals.notify.trial import Trial, try_receiver

PATH = "/dashboard/receivers"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRow:
    """A channel: where it leads, without secrets, and how it fares; `grade` has the word `state`."""

    name: str
    type: str
    target: str
    state: str
    grade: str
    waiting: int
    dead: int
    delivered_ms: int | None
    failed_ms: int | None
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiverRow:
    """A receiver with its channels; `test` is the path of the action that tries them."""

    name: str
    channels: tuple[ChannelRow, ...]
    test: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiversContext(PageContext):
    """Every receiver. They are configured in files."""

    receivers: tuple[ReceiverRow, ...] = help_("The receivers that there are")
    gone: tuple[GoneChannel, ...] = help_("Channels that aren't configured any more, with letters left for them")
    files: str = help_("Where files are read from; empty where no directory is set")
    mistakes: tuple[str, ...] = help_("What is wrong with the files as they are now, so that they aren't in force")


def build(visit: Visit) -> ReceiversContext:
    """Put together what is configured and what the outbox knows."""
    parts = visit.parts
    overview = receivers_overview(parts.routing().receivers, parts.outbox.health())
    return ReceiversContext(
        heading="Receivers",
        receivers=tuple(
            ReceiverRow(
                name=receiver.name,
                channels=tuple(_channel(channel) for channel in receiver.channels),
                test=f"{PATH}/{segment(receiver.name)}/test",
            )
            for receiver in overview.receivers
        ),
        gone=tuple(overview.gone),
        files=parts.settings.alerting,
        mistakes=tuple(map(str, parts.folder.mistakes)),
    )


def _channel(channel: ChannelAnswer) -> ChannelRow:
    failed, delivered = channel.failed_ms or 0, channel.delivered_ms or 0
    if failed > delivered and (channel.dead or channel.waiting):
        state, grade = "failing", "bad"
    elif failed > delivered:
        state, grade = "failed last", "warning"
    elif delivered:
        state, grade = "delivers", "good"
    else:
        state, grade = "not used yet", "unknown"
    return ChannelRow(
        name=channel.name,
        type=channel.type,
        target=channel.target,
        state=state,
        grade=grade,
        waiting=channel.waiting,
        dead=channel.dead,
        delivered_ms=channel.delivered_ms,
        failed_ms=channel.failed_ms,
        error=channel.error if failed > delivered else "",
    )


def test(visit: Visit, _fields: Mapping[str, str]) -> Done:
    """Send a test notification through every channel of a receiver. Raises NotFound."""
    receivers, name = visit.parts.routing().receivers, visit.path["name"]
    if name not in receivers:
        raise NotFound(f"there is no receiver {name[:64]!r}; there are {', '.join(sorted(receivers))}")
    trials = asyncio.run(try_receiver(receivers[name], visit.parts.surroundings, visit.parts.new_id))
    return Done(say_trials(name, trials))


def say_trials(receiver: str, trials: Sequence[Trial]) -> str:
    """How each channel did: "on-call: email delivered in 120 ms; webhook failed: it answered 500"."""
    said = (
        f"{trial.channel} delivered in {trial.took_ms:,} ms"
        if trial.delivered
        else f"{trial.channel} failed: {trial.error}"
        for trial in trials
    )
    return f"Test of {receiver}: {'; '.join(said)}"


PAGE = Page(PATH, "receivers", "Receivers", "receivers.html", build, filtered=False, section="rules")
ACTIONS = (Action(f"{PATH}/{{name}}/test", test),)
