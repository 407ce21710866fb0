"""What was said in each conversation, by ordinal from 0 without gaps: in SQLite, in a file or in memory."""

import sqlite3
from typing import NamedTuple


class Message(NamedTuple):
    """One message that was put down."""

    id: str
    ordinal: int
    author: str
    text: str


class History:
    """Every conversation's messages."""

    def __init__(self, path: str = ":memory:") -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS message (conversation, ordinal, id, author, text,"
            " PRIMARY KEY (conversation, ordinal), UNIQUE (conversation, id))"
        )

    def newest(self, conversation: str) -> int:
        """The ordinal of a conversation's newest message; -1 where there is none."""
        query = "SELECT coalesce(max(ordinal), -1) FROM message WHERE conversation = ?"
        return int(self._database.execute(query, (conversation,)).fetchone()[0])

    def after(self, conversation: str, ordinal: int) -> list[Message]:
        """The messages beyond an ordinal, in order."""
        query = "SELECT id, ordinal, author, text FROM message WHERE conversation = ? AND ordinal > ? ORDER BY ordinal"
        return [Message(*row) for row in self._database.execute(query, (conversation, ordinal))]

    def put(self, conversation: str, id: str, author: str, text: str) -> tuple[Message, bool]:
        """Put a message down once. Returns it with its ordinal, and whether it was here before."""
        query = "SELECT id, ordinal, author, text FROM message WHERE conversation = ? AND id = ?"
        there = self._database.execute(query, (conversation, id)).fetchone()
        if there:
            return Message(*there), True
        message = Message(id, self.newest(conversation) + 1, author, text)
        self._database.execute(
            "INSERT INTO message (conversation, id, ordinal, author, text) VALUES (?, ?, ?, ?, ?)",
            (conversation, *message),
        )
        return message, False

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()
