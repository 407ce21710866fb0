"""The desk where the shop's assistant sits: takes messages of open conversations, puts them down and answers them."""

import asyncio
from collections import defaultdict
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from chatvitals.client import Client
from examples.widget.answers import answer_to, pieces_of
from examples.widget.history import History, Message


class Desk:
    """Serves every visitor; `pace_s` is the time between two words. `vitals` tells the server's half of the ledger."""

    def __init__(self, history: History, vitals: Client | None, pace_s: float) -> None:
        self.history = history
        self._vitals = vitals
        self._pace_s = pace_s
        self._open: defaultdict[str, set[WebSocket]] = defaultdict(set)
        self._answering: set[asyncio.Task[None]] = set()

    async def serve(self, socket: WebSocket) -> None:
        """Speak with one tab until it goes."""
        conversation = socket.query_params["conversation"]
        await socket.accept()
        self._open[conversation].add(socket)
        try:
            await socket.send_json({"type": "hello", "newest": self.history.newest(conversation)})
            async for said in socket.iter_json():
                await self._take(socket, conversation, said["id"], said["text"])
        except WebSocketDisconnect:
            pass  # between two messages or in the middle of one, it is all the same
        finally:
            self._open[conversation].discard(socket)
            if not self._open[conversation]:
                del self._open[conversation]

    async def _take(self, socket: WebSocket, conversation: str, id: str, text: str) -> None:
        message, again = self.history.put(conversation, id, "visitor", text)
        if self._vitals:
            self._vitals.received(conversation, message.ordinal, server_ordinal=message.ordinal, duplicate=again)
        await socket.send_json({"type": "ack", "id": id, "ordinal": message.ordinal})
        if not again:
            task = asyncio.create_task(self._answer(socket, conversation, id, answer_to(text)))
            self._answering.add(task)
            task.add_done_callback(self._answering.discard)

    async def _answer(self, socket: WebSocket, conversation: str, question: str, text: str) -> None:
        """Stream an answer to the tab that asked, and put it down whether that is still there or not."""
        id = f"{question}-answer"
        for piece in pieces_of(text):
            await asyncio.sleep(self._pace_s)
            await self._say(socket, conversation, {"type": "chunk", "id": id, "to": question, "text": piece})
        message, _ = self.history.put(conversation, id, "assistant", text)
        if self._vitals:
            self._vitals.server_ordinal(conversation, message.ordinal)
        await self._finish(socket, conversation, message)

    async def _finish(self, socket: WebSocket, conversation: str, message: Message) -> None:
        if await self._say(socket, conversation, {"type": "done", "id": message.id, "ordinal": message.ordinal}):
            return
        for other in list(self._open.get(conversation, ())):
            await self._say(other, conversation, {"type": "newest", "newest": message.ordinal})

    async def _say(self, socket: WebSocket, conversation: str, words: dict[str, Any]) -> bool:
        """Whether the tab was still there to be told."""
        if socket not in self._open.get(conversation, ()):
            return False
        try:
            await socket.send_json(words)
        except (WebSocketDisconnect, RuntimeError):  # it is going just now
            return False
        return True
