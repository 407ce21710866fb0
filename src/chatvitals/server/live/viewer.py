"""One who looks: listens to what it wants to see, and tells it what changed since, and that the server is well."""

import asyncio
import time
from collections.abc import Callable, Hashable
from typing import NamedTuple

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect

from chatvitals.dashboard.rendering import Fragment
from chatvitals.server.live.messages import Fragments, Look, Pulse, Trouble, Values, encode
from chatvitals.server.live.topic import Made, Topic

PULSE_S = 4.0
_SLOWEST_SEND_S = 20.0
VALUES = "values"
"""The one piece of a topic that is no page."""


class Subject(NamedTuple):
    """What is looked at: `url` is empty where it is the API's values."""

    key: Hashable
    topic: Topic
    url: str


class Viewer:
    """Serves one socket to its end. `see` finds the topic of a look and joins it, `look_away` leaves it."""

    def __init__(
        self,
        socket: WebSocket,
        see: Callable[[Look, Callable[[], None]], Subject],
        look_away: Callable[[Subject, Callable[[], None]], None],
        pulse: Callable[[], Pulse],
    ) -> None:
        self._socket = socket
        self._see = see
        self._look_away = look_away
        self._pulse = pulse
        self._news = asyncio.Event()
        self._subject: Subject | None = None
        self._have: dict[str, str] = {}
        self._told: Made | None = None

    def stir(self) -> None:
        """There is something new to tell."""
        self._news.set()

    def look(self, look: Look) -> None:
        """Look at something else. Raises RequestError."""
        self._away()
        self._have = dict(look.have)
        self._subject = self._see(look, self.stir)
        self._told = None
        self.stir()

    async def serve(self) -> None:
        """Until the browser goes."""
        telling = asyncio.create_task(self._tell_forever(), name="live viewer")
        try:
            await self._listen_forever()
        except WebSocketDisconnect:
            pass
        finally:
            telling.cancel()
            self._away()

    async def _listen_forever(self) -> None:
        while True:
            text = await self._socket.receive_text()
            try:
                self.look(msgspec.json.decode(text, type=Look))
            except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
                await self._socket.close(1008, "that is no message of this protocol")
                return

    async def _tell_forever(self) -> None:
        next_pulse = time.monotonic()
        while True:
            if time.monotonic() >= next_pulse:
                await self._send(self._pulse())
                next_pulse = time.monotonic() + PULSE_S
            self._news.clear()
            await self._tell_news()
            try:
                async with asyncio.timeout(max(0.0, next_pulse - time.monotonic())):
                    await self._news.wait()
            except TimeoutError:
                continue

    async def _tell_news(self) -> None:
        subject = self._subject
        made = subject.topic.made if subject else None
        if subject is None or made is None or made is self._told:
            return
        self._told = made
        if made.problem:
            await self._send(Trouble(made.at_ms, made.problem))
            return
        changed = {id: piece for id, piece in made.pieces.items() if self._have.get(id) != piece.digest}
        self._have = {id: piece.digest for id, piece in made.pieces.items()}
        await self._send(_message(subject, made, changed))

    async def _send(self, message: object) -> None:
        async with asyncio.timeout(_SLOWEST_SEND_S):
            await self._socket.send_text(encode(message))

    def _away(self) -> None:
        if self._subject is not None:
            self._look_away(self._subject, self.stir)
            self._subject = None


def _message(subject: Subject, made: Made, changed: dict[str, Fragment]) -> Fragments | Values:
    if subject.url:
        return Fragments(made.at_ms, subject.url, {id: piece.html for id, piece in changed.items()})
    return Values(made.at_ms, msgspec.Raw(made.pieces[VALUES].html.encode()))
