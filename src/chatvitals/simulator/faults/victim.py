"""A session that a planted fault strikes, as the fault sees it."""

from dataclasses import dataclass

from chatvitals.simulator.dice import Dice
from chatvitals.simulator.story.scene import Event


@dataclass(slots=True)
class Victim:
    """`ordinal` is that of the latest message in the conversation. The dice are the fault's own.

    `starts_ms` is the session's start; `skew_ms` is how far its clock would be off.
    """

    dice: Dice
    starts_ms: float
    conversation_id: str
    skew_ms: int
    ordinal: int = 0

    def age_s(self, event: Event) -> float:
        return max(float(event["timestamp"]) - self.starts_ms, 0.0) / 1_000

    def loss(self, event: Event, lost: range, *, hop: str, error_type: str) -> Event:
        """The incident that `event` leads to: the messages with the ordinals `lost` are gone."""
        return {
            "kind": "loss",
            "timestamp": event["timestamp"] + 5,
            "conversationId": self.conversation_id,
            "lost": len(lost),
            "firstSeq": lost.start,
            "lastSeq": lost.stop - 1,
            "hop": hop,
            "errorType": error_type,
        }
