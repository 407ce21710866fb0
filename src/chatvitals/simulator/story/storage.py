"""The stored conversation: saved after every message, restored at every start."""

from chatvitals.simulator.dice import Weighted
from chatvitals.simulator.story.scene import Scene
from chatvitals.simulator.story.session import Session

HICCUP_RATE = 0.0025
"""Of operations that fail and are made good by the next one, so that nothing is lost."""
HICCUPS = Weighted(("TransactionInactiveError", "AbortError", "QuotaExceededError", "TimeoutError"), (40, 30, 10, 20))
BYTES_A_MESSAGE = 420


def area_of(session: Session) -> str:
    """Where this session's conversation is kept."""
    if not session.stores or session.visitor.customer.policy == "ephemeral":
        return "memory"
    if session.visitor.customer.policy == "session":
        return "sessionStorage"
    return "indexedDB" if session.visitor.persona.heap_mb is not None else "localStorage"


def operate(scene: Scene, at_ms: float, operation: str, median_ms: float) -> float:
    """Do one operation on the stored conversation; return the time it took."""
    dice, session = scene.dice, scene.session
    took = dice.around(median_ms, 0.5)
    failure = {"errorType": HICCUPS.pick(dice)} if dice.chance(HICCUP_RATE) else {}
    size = BYTES_A_MESSAGE * (session.messages + 1)
    scene.tell(
        at_ms + took,
        "persistence",
        operation=operation,
        success=not failure,
        duration=took,
        storage=area_of(session),
        bytes=size,
        quotaUsed=round(0.002 + size / 5_000_000, 4),
        **failure,
    )
    return took


def save(scene: Scene, at_ms: float) -> float:
    """Save the conversation; return the time that took."""
    return operate(scene, at_ms, "save", 6)


def restore(scene: Scene, at_ms: float) -> float:
    """Bring the conversation back on a fresh page, where there is one; return the time that took."""
    session, dice, arrival = scene.session, scene.dice, scene.page.arrival
    if not session.messages or session.visitor.customer.policy == "ephemeral":
        return 0.0
    took = operate(scene, at_ms, "restore", 34)
    if arrival != "first" or scene.tab is not session.tabs[0]:
        return took
    shown_after = took + dice.around(38, 0.4)
    failed = dice.chance(0.0015)
    scene.tell(
        at_ms + shown_after,
        "restoration",
        success=not failed,
        duration=round(shown_after, 2),
        expected=session.messages,
        restored=0 if failed else session.messages,
        identityMatches=True,
        **({"cause": "timeout"} if failed else {}),
    )
    return shown_after


def cross_page(scene: Scene, at_ms: float, origin: str) -> None:
    """Tell whether the conversation came along from the page before."""
    session, dice = scene.session, scene.dice
    preserved = not dice.chance(0.0012)
    scene.tell(
        at_ms,
        "navigation",
        preserved=preserved,
        type=scene.page.arrival,
        **{"from": origin},
        to=scene.page.path,
        expected=session.messages,
        found=session.messages if preserved else 0,
    )
