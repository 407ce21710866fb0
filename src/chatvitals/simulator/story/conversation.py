"""Messages: sent, acknowledged, received and rendered, each saved, and seen in the other tab."""

from chatvitals.simulator.dice import Weighted
from chatvitals.simulator.story.backend import call
from chatvitals.simulator.story.scene import Scene
from chatvitals.simulator.story.storage import save

LONGEST_EXCHANGE_MS = 9_000.0
"""Nobody asks this shortly before leaving: the story's messages all get their answer."""
STREAMED_SHARE = 0.45
OUTCOMES = Weighted(("complete", "aborted", "resumed", "truncated", "orphaned"), (985, 10, 3, 1.5, 0.5))
FRAME_MS = 16.7


def converse(scene: Scene, ready_ms: float) -> list[float]:
    """Exchange some messages on a page; return the moments at which the conversation changed."""
    dice, habit = scene.dice, scene.session.visitor.habit
    changes: list[float] = []
    at = ready_ms + dice.around(habit.think_ms * 0.6, 0.5)
    for _ in range(dice.several(habit.messages)):
        if at > scene.ends_ms - LONGEST_EXCHANGE_MS:
            break
        sent, answered = _ask(scene, at)
        changes += (sent, answered)
        at = answered + dice.around(habit.think_ms, 0.5)
    return changes


def _ask(scene: Scene, at_ms: float) -> tuple[float, float]:
    """Send a message and get its answer; return when each was in the conversation."""
    dice, session = scene.dice, scene.session
    ordinal, conversation = session.messages, session.conversation_id
    session.messages += 2
    scene.tell(at_ms, "message", stage="sent", conversationId=conversation, ordinal=ordinal)
    _show(scene, at_ms + 1, ordinal, dice.whole(8, 160))
    took = call(scene, at_ms + 2, "POST", "/api/conversations/:id/messages", weight=1.15)
    acked = at_ms + 2 + took
    scene.tell(acked, "message", stage="acked", conversationId=conversation, ordinal=ordinal, latency=took)

    received = acked + dice.around(1_100, 0.5)
    latency = dice.around(session.visitor.network.api_ms * 0.6, 0.4)
    scene.tell(
        received,
        "message",
        stage="received",
        conversationId=conversation,
        ordinal=ordinal + 1,
        latency=latency,
    )
    streaming = _stream(scene, received) if dice.chance(STREAMED_SHARE) else 0.0
    _show(scene, received + 1, ordinal + 1, dice.whole(40, 900))
    return at_ms, received + streaming


def _show(scene: Scene, at_ms: float, ordinal: int, length: int) -> None:
    """Put a message on screen and save the conversation."""
    dice, session = scene.dice, scene.session
    took = dice.around(session.visitor.persona.draw_ms * (1 + length / 6_000), 0.45)
    rendered = at_ms + took
    scene.tell(rendered, "render", renderTime=took, contentLength=length, messageCount=ordinal + 1)
    scene.tell(
        rendered,
        "message",
        stage="rendered",
        conversationId=session.conversation_id,
        ordinal=ordinal,
        serverOrdinal=ordinal,
        **({"duplicate": True} if dice.chance(0.0004) else {}),
    )
    save(scene, rendered + 1)


def _stream(scene: Scene, at_ms: float) -> float:
    """Stream an answer; return how long it went on."""
    dice = scene.dice
    first = dice.around(420, 0.35)
    chunks = dice.whole(12, 90)
    lasted = first + chunks * dice.between(18, 34)
    scene.tell(
        at_ms + lasted,
        "stream",
        outcome=OUTCOMES.pick(dice),
        firstChunk=first,
        firstPaint=round(first + dice.between(1, FRAME_MS), 2),
        longestStall=dice.around(95, 0.5),
        chunks=chunks,
        lateFrames=dice.several(0.6),
    )
    return lasted


def see_changes(scene: Scene, changes: list[float]) -> None:
    """In another tab, see what happened to the conversation in the first."""
    dice = scene.dice
    for changed in changes:
        latency = dice.around(13, 0.45)
        scene.tell(changed + latency, "tabSync", latency=latency, success=not dice.chance(0.002), tabs=2)
