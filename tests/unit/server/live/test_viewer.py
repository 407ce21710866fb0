import asyncio
from collections.abc import Callable

import pytest
from starlette.types import Message
from starlette.websockets import WebSocket

from chatvitals.dashboard.rendering import Fragment
from chatvitals.errors import BadRequest
from chatvitals.server.live.messages import Look, Pulse
from chatvitals.server.live.movement import Movement
from chatvitals.server.live.topic import Made, Topic
from chatvitals.server.live.viewer import Subject, Viewer

PATIENCE_S = 10


class Browser:
    """The far end of a socket: what it says is put into `says`, what it is told comes to `told`."""

    def __init__(self) -> None:
        self.says: asyncio.Queue[Message] = asyncio.Queue()
        self.told: asyncio.Queue[str] = asyncio.Queue()
        self.gone = False
        self.says.put_nowait({"type": "websocket.connect"})

    async def send(self, message: Message) -> None:
        if self.gone:
            raise OSError("connection lost")
        if message["type"] == "websocket.send":
            self.told.put_nowait(message["text"])


class Sight:
    """One topic, of which a test says what was made, and who looks at it."""

    def __init__(self) -> None:
        async def never() -> dict[str, Fragment]:
            raise AssertionError("a test says what there is")

        self.topic = Topic(never, lambda: 0, Movement(), asyncio.Semaphore(1), 1.0)
        self.viewers = 0

    def see(self, look: Look, _stir: Callable[[], None]) -> Subject:
        self.viewers += 1
        return Subject("page", self.topic, look.url)

    def look_away(self, _subject: Subject, _stir: Callable[[], None]) -> None:
        self.viewers -= 1

    def made(self, at_ms: int, digest: str) -> None:
        self.topic.made = Made(at_ms, {"piece": Fragment(digest, f"<p>{digest}</p>")})


async def viewer_of(browser: Browser, sight: Sight) -> Viewer:
    socket = WebSocket({"type": "websocket", "headers": []}, browser.says.get, browser.send)
    await socket.accept()
    return Viewer(socket, sight.see, sight.look_away, lambda: Pulse(0, None, ""))


async def test_who_is_gone_is_served_no_longer_though_nothing_was_heard_of_it() -> None:
    browser, sight = Browser(), Sight()
    viewer = await viewer_of(browser, sight)
    viewer.look(Look("/dashboard/performance"))
    browser.gone = True
    async with asyncio.timeout(PATIENCE_S):
        await viewer.serve()
    assert sight.viewers == 0


@pytest.mark.parametrize("message", [{"text": "no json"}, {"bytes": b"{}"}])
async def test_what_is_no_message_is_refused(message: Message) -> None:
    browser, sight = Browser(), Sight()
    viewer = await viewer_of(browser, sight)
    browser.says.put_nowait({"type": "websocket.receive", **message})
    async with asyncio.timeout(PATIENCE_S):
        with pytest.raises(BadRequest, match="no message of this protocol"):
            await viewer.serve()


async def test_what_is_older_than_the_page_is_not_told() -> None:
    browser, sight = Browser(), Sight()
    sight.made(1_000, "old")
    viewer = await viewer_of(browser, sight)
    viewer.look(Look("/dashboard/performance", {"piece": "newer"}, 1_001))
    serving = asyncio.create_task(viewer.serve())
    async with asyncio.timeout(PATIENCE_S):
        assert "pulse" in await browser.told.get()
        sight.made(1_002, "newest")
        viewer.stir()
        assert "newest" in await browser.told.get()
        browser.says.put_nowait({"type": "websocket.disconnect", "code": 1001})
        await serving
