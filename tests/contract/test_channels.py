"""What every channel does alike, each against the real thing."""

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
from rich.pretty import pretty_repr
from tests.support.alertmanager import running_alertmanager
from tests.support.collector import Collector
from tests.support.notifications import notification, surroundings
from tests.support.server import free_port
from tests.support.smtp import smtp_server

from chatvitals.clock import system_clock
from chatvitals.notify import channels
from chatvitals.notify.channels.channel import Channel, NotTaken
from chatvitals.notify.channels.settings import ChannelSettings
from chatvitals.notify.receivers import AnyChannel, Receiver
from chatvitals.notify.surroundings import Surroundings

# Apprise imports modules that the next Python won't have any more.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

TOKEN = "hunter2-hunter2"
KEY = "whsec_" + base64.b64encode(TOKEN.encode() * 2).decode()
TITLE = "Messages are lost"
ENVIRONMENT = {"TOKEN": TOKEN, "KEY": KEY}


@dataclass
class Stage:
    """A channel's settings as they are written, and its counterpart. `refuse` lets that refuse once, where it can.

    `away` are settings for where nobody is. `tells_final` says whether the counterpart's answer tells that a refusal is
    for good.
    """

    settings: dict[str, Any]
    arrived: Callable[[], list[str]]
    around: Surroundings
    refuse: Callable[[bool], None] | None = None
    away: dict[str, Any] = field(default_factory=dict)
    tells_final: bool = True

    def read(self, **changed: Any) -> ChannelSettings:
        """The settings, read as those of a receiver."""
        document = {"name": "on-call", "channels": [self.settings | changed]}
        (settings,) = msgspec.convert(document, Receiver).channels
        return settings

    def open(self, **changed: Any) -> Channel:
        return self.read(**changed).open(self.around)


def console(folder: Path, _stack: ExitStack, format: str) -> Stage:
    written: list[str] = []
    around = surroundings(folder, console=written)
    return Stage({"type": "console", "format": format}, lambda: written, around)


def database(folder: Path, _stack: ExitStack) -> Stage:
    around = surroundings(folder)
    return Stage({"type": "database"}, lambda: [kept.document for kept in around.notifications.find(10)], around)


def webhook(folder: Path, stack: ExitStack, body: str) -> Stage:
    hook = stack.enter_context(Collector())
    settings = {
        "type": "webhook",
        "url": f"http://127.0.0.1:{hook.port}/${{TOKEN}}?key=${{TOKEN}}",
        "body": body,
        "secrets": ["${KEY}"],
        "headers": {"authorization": "Bearer ${TOKEN}"},
    }
    return Stage(
        settings,
        lambda: [request.body.decode() for request in hook.requests if request.path == f"/{TOKEN}?key={TOKEN}"],
        surroundings(folder, environment=ENVIRONMENT),
        lambda final: hook.answers.append((410 if final else 503, {})),
        {"url": f"http://127.0.0.1:{free_port()}/${{TOKEN}}"},
    )


def alertmanager(folder: Path, stack: ExitStack) -> Stage:
    hook = stack.enter_context(Collector())
    manager = stack.enter_context(running_alertmanager(folder, hook.url))
    before = stack.enter_context(Collector())  # to refuse in its place
    settings = {"type": "alertmanager", "url": manager.url, "headers": {"authorization": "Bearer ${TOKEN}"}}
    around = surroundings(folder, environment=ENVIRONMENT, now_ms=system_clock())
    stage = Stage(
        settings,
        lambda: [json.dumps(alert) for alert in manager.alerts()],
        around,
        away={"url": f"http://127.0.0.1:{free_port()}/{TOKEN}"},
    )

    def refuse(final: bool) -> None:
        before.answers.append((400 if final else 503, {}))
        stage.settings = settings | {"url": f"http://127.0.0.1:{before.port}/{TOKEN}"}

    stage.refuse = refuse
    return stage


def apprise(folder: Path, stack: ExitStack) -> Stage:
    hook = stack.enter_context(Collector())
    return Stage(
        {"type": "apprise", "url": f"json://user:${{TOKEN}}@127.0.0.1:{hook.port}/${{TOKEN}}"},
        lambda: [request.body.decode() for request in hook.requests if request.path.startswith(f"/{TOKEN}")],
        surroundings(folder, environment=ENVIRONMENT),
        lambda _final: hook.answers.append((503, {})),
        {"url": f"json://user:${{TOKEN}}@127.0.0.1:{free_port()}/${{TOKEN}}"},
        tells_final=False,
    )


def email(folder: Path, stack: ExitStack) -> Stage:
    server = stack.enter_context(smtp_server())

    def refuse(final: bool) -> None:
        server.handler.data = "550 no" if final else "450 later"

    settings = {
        "type": "email",
        "to": ["on-call@example.org"],
        "sender": "vitals@example.org",
        "host": "127.0.0.1",
        "port": server.port,
        "security": "none",
    }
    return Stage(
        settings,
        lambda: [str(received.mail["subject"]) for received in server.received],
        surroundings(folder, environment=ENVIRONMENT),
        refuse,
        {"port": free_port()},
    )


STAGES: dict[str, Callable[[Path, ExitStack], Stage]] = {
    "console text": lambda folder, stack: console(folder, stack, "text"),
    "console json": lambda folder, stack: console(folder, stack, "json"),
    "database": database,
    "webhook chatvitals": lambda folder, stack: webhook(folder, stack, "chatvitals"),
    "webhook alertmanager": lambda folder, stack: webhook(folder, stack, "alertmanager"),
    "webhook cloudevents": lambda folder, stack: webhook(folder, stack, "cloudevents"),
    "alertmanager": alertmanager,
    "apprise": apprise,
    "email": email,
}


@pytest.fixture(params=STAGES)
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    with ExitStack() as stack:
        yield STAGES[request.param](tmp_path, stack)


REMOTE = [name for name in STAGES if name.split(" ")[0] not in ("console", "database")]
"""Those whose counterpart may refuse, or be away."""
SECRETIVE = [name for name in REMOTE if name != "email"]
"""Those whose stage has a secret from the environment."""
KINDS = {str(settings.__struct_config__.tag): settings for settings in get_args(AnyChannel)}


def test_a_folder_is_a_channel() -> None:
    folders = {path.parent.name for path in Path(channels.__path__[0]).glob("*/settings.py")}
    assert folders == KINDS.keys()
    assert {name.split(" ")[0] for name in STAGES} == KINDS.keys(), "each has its stage here"


@pytest.mark.parametrize(("kind", "settings"), KINDS.items())
def test_settings_look_alike(kind: str, settings: type[ChannelSettings]) -> None:
    config = settings.__struct_config__
    assert issubclass(settings, ChannelSettings)
    assert (config.tag_field, config.frozen, config.forbid_unknown_fields) == ("type", True, True)
    assert settings.__module__ == f"chatvitals.notify.channels.{kind}.settings"
    assert settings.__doc__


async def test_it_delivers(stage: Stage) -> None:
    settings = stage.read()
    assert list(settings.check()) == []
    channel = settings.open(stage.around)
    assert stage.arrived() == []
    await channel.send(notification())
    await channel.close()
    assert len(stage.arrived()) == 1
    assert TITLE in stage.arrived()[0]


async def test_it_tells_all_incidents_and_texts_of_all_kinds(stage: Stage) -> None:
    strange = "".join(map(chr, [*range(1, 300), 0x2028, 0x202E, 0xFEFF, 0x1F600])) + "{{ 7 * 7 }} <b>&amp;"
    incidents = tuple(
        msgspec.structs.replace(
            notification().incidents[0],
            rule=f"rule-{number}",
            title=TITLE + strange,
            message=strange,
            labels={"site": "shop", "customer": strange},
        )
        for number in range(3)
    )
    channel = stage.open()
    await channel.send(notification(incidents=incidents))
    await channel.close()
    assert any("7 * 7" in text for text in stage.arrived())


@pytest.mark.parametrize("stage", REMOTE, indirect=True)
async def test_it_says_whether_a_refusal_may_pass(stage: Stage) -> None:
    assert stage.refuse is not None
    for final in (False, True):
        stage.refuse(final)
        channel = stage.open()
        with pytest.raises(NotTaken) as failure:
            await channel.send(notification())
        await channel.close()
        assert failure.value.final is (final and stage.tells_final)
        assert str(failure.value)
        assert_nothing_secret(str(failure.value), repr(failure.value))


@pytest.mark.parametrize("stage", REMOTE, indirect=True)
async def test_that_nobody_is_there_may_pass(stage: Stage) -> None:
    channel = stage.open(**stage.away)
    with pytest.raises(NotTaken) as failure:
        await channel.send(notification())
    await channel.close()
    assert not failure.value.final
    assert_nothing_secret(str(failure.value), repr(failure.value))


@pytest.mark.parametrize("stage", SECRETIVE, indirect=True)
async def test_a_secret_that_is_missing_is_named(stage: Stage) -> None:
    stage.around = replace(stage.around, environment={})
    channel = stage.open()
    with pytest.raises(NotTaken, match=r"the environment has no (TOKEN|KEY)") as failure:
        await channel.send(notification())
    await channel.close()
    assert not failure.value.final, "it may be set meanwhile"


def test_what_is_shown_of_it_has_nothing_secret(stage: Stage) -> None:
    written_out = json.loads(json.dumps(stage.settings).replace("${TOKEN}", TOKEN).replace("${KEY}", KEY))
    for settings in (stage.read(), stage.read(**written_out)):
        assert settings.target
        shown = (settings.target, repr(settings), str(settings), pretty_repr(settings), repr(stage.around))
        assert_nothing_secret(*shown, *(str(flaw) for flaw in settings.check()))


async def test_it_closes_whether_it_was_used_or_not(stage: Stage) -> None:
    channel = stage.open()
    await channel.close()
    await channel.close()


def assert_nothing_secret(*texts: str) -> None:
    for text in texts:
        assert TOKEN not in text
        assert KEY not in text
