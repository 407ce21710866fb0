"""One who looks: listens to what it wants to see, and tells it what changed since, and that the server is well."""

import asyncio
import time
from collections.abc import Callable, Hashable
from typing import NamedTuple

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect

from chatvitals.dashboard.rendering import Fragment
from chatvitals.errors import BadRequest
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
        self._have_of_ms = 0
        self._told: Made | None = None

    def stir(self) -> None:
        """There is something new to tell."""
        self._news.set()

    def look(self, look: Look) -> None:
        """Look at something else. Raises RequestError."""
        self._away()
        self._have, self._have_of_ms = look.have, look.at_ms
        self._subject = self._see(look, self.stir)
        self._told = None
        self.stir()

    async def serve(self) -> None:
        """Until the browser goes. Raises RequestError for what it says, TimeoutError where it doesn't read."""
        halves = [
            asyncio.create_task(half, name="live viewer") for half in (self._listen_forever(), self._tell_forever())
        ]
        try:
            done, _ = await asyncio.wait(halves, return_when=asyncio.FIRST_COMPLETED)
            for error in [half.exception() for half in done]:
                if error is not None and not isinstance(error, WebSocketDisconnect):
                    raise error
        finally:
            for half in halves:
                half.cancel()
            self._away()

    async def _listen_forever(self) -> None:
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            try:
                self.look(msgspec.json.decode(message.get("text") or b"", type=Look))
            except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
                raise BadRequest("that is no message of this protocol") from error

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
        if subject is None or made is None or made is self._told or made.at_ms < self._have_of_ms:
            return  # what is older than the page would take back what it shows already
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
