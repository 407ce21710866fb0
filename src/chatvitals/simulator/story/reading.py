"""What goes on beside the messages: scrolling, memory, errors, and what the host page feels."""

from math import inf

from chatvitals.simulator.dice import Weighted
from chatvitals.simulator.story.scene import Scene

SNAPSHOT_MS = 30_000.0
HEAP_LIMIT = 4_294_705_152
ERROR_RATE = 0.004
ERRORS = Weighted(
    (
        ("TypeError", "f3a91c0b", "Cannot read properties of undefined (reading 'height')", False),
        ("AbortError", "5be20d47", "The operation was aborted", True),
        ("NetworkError", "90c1ee12", "Failed to fetch", True),
        ("RangeError", "c7714fd9", "Maximum call stack size exceeded", False),
    ),
    (35, 30, 30, 5),
)


def scroll(scene: Scene, ready_ms: float) -> None:
    """Scroll the list of messages a few times, mostly smoothly."""
    dice, visitor = scene.dice, scene.session.visitor
    for _ in range(dice.several(visitor.habit.scrolls)):
        at = dice.between(ready_ms, max(scene.ends_ms, ready_ms))
        lost = visitor.persona.fps_lost
        fps = 60 - min(abs(dice.gauss()) * lost, 20)
        duration = dice.around(900, 0.5)
        frames = int(duration * fps / 1_000)
        lowest = max(fps - abs(dice.gauss()) * 4 * lost, 1.0)
        late = min(dice.several(frames * 0.012 * (0.5 + lost)), frames)
        scene.tell(
            at,
            "scroll",
            fps=round(fps, 2),
            minFps=round(lowest, 2),
            frames=frames,
            lateFrames=late,
            duration=duration,
        )


def watch_memory(scene: Scene, ready_ms: float) -> None:
    """Take a snapshot about every 30 s, from one page to the next, where the browser tells."""
    dice, session, tab = scene.dice, scene.session, scene.tab
    if session.visitor.persona.heap_mb is None:
        return
    if scene.page.arrival in ("first", "hard") or tab.next_snapshot_ms == -inf:
        tab.next_snapshot_ms = max(tab.next_snapshot_ms, ready_ms + dice.between(1_000, 6_000))
    while tab.next_snapshot_ms < scene.ends_ms:
        grown = session.heap_bytes * (1 + 0.0025 * session.messages) * dice.between(0.93, 1.08)
        scene.tell(
            tab.next_snapshot_ms,
            "memory",
            usedBytes=int(grown),
            limitBytes=HEAP_LIMIT,
            source="performance.memory",
            domNodes=240 + 9 * session.messages,
        )
        tab.next_snapshot_ms += SNAPSHOT_MS * dice.between(0.9, 1.1)


def stumble(scene: Scene, ready_ms: float) -> None:
    """Now and then an error inside the widget."""
    dice = scene.dice
    if dice.chance(ERROR_RATE):
        kind, fingerprint, message, handled = ERRORS.pick(dice)
        at = dice.between(ready_ms, max(scene.ends_ms, ready_ms))
        scene.tell(at, "error", type=kind, fingerprint=fingerprint, message=message, handled=handled)


def weigh_on_host(scene: Scene) -> None:
    """Tell at the end of a page what it was like for the host."""
    dice = scene.dice
    blocking = dice.around(70, 0.6)
    scene.tell(
        scene.ends_ms - 2,
        "host",
        inp=dice.around(78, 0.5),
        lcp=dice.around(1_450, 0.35),
        cls=round(dice.around(0.4, 0.7) / 10, 3),
        blockingTime=blocking,
        ownBlockingTime=round(blocking * dice.between(0.02, 0.2), 2),
        holdout=scene.session.holdout,
    )
