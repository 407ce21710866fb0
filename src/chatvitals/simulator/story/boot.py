"""How the widget starts on a page: the boot funnel, its files, the storage probe, the live channel."""

from chatvitals.simulator.dice import Weighted
from chatvitals.simulator.story.backend import call, load_config
from chatvitals.simulator.story.scene import Scene
from chatvitals.simulator.story.storage import area_of, restore

FAILURES = Weighted(("blocked", "csp", "consent", "storage", "error"), (50, 15, 25, 4, 6))
FAILURE_RATE = 0.005
STYLE_BYTES = 18_200
HOLDOUT_DELAY_MS = 3_000.0


def boot(scene: Scene) -> float | None:
    """Start the widget at the scene's beginning; return when it was ready, or None where it never was."""
    dice, first = scene.dice, scene.page.arrival == "first"
    requested = scene.starts_ms + dice.between(20, 160)
    scene.tell(requested, "boot", stage="requested", duration=0)
    if dice.chance(FAILURE_RATE):
        failed_after = dice.around(400, 0.8)
        scene.tell(
            requested + failed_after,
            "boot",
            stage="failed",
            duration=failed_after,
            reason=FAILURES.pick(dice),
        )
        return None

    delay = HOLDOUT_DELAY_MS if scene.session.holdout else 0.0
    script_after = delay + _load_files(scene, requested + delay, cached=not first and dice.chance(0.97))
    scene.tell(requested + script_after, "boot", stage="script", duration=script_after)
    frame_after = round(script_after + dice.around(45, 0.4), 2)
    scene.tell(requested + frame_after, "boot", stage="frame", duration=frame_after)
    _probe_storage(scene, requested + frame_after + 3)
    restored_after = frame_after + restore(scene, requested + frame_after + 5)
    configured_after = frame_after + load_config(scene, requested + frame_after, first=first)
    ready_after = round(max(restored_after, configured_after) + dice.around(14, 0.4), 2)
    ready = requested + ready_after
    scene.tell(ready, "boot", stage="ready", duration=ready_after)
    _connect(scene, ready)
    return ready


def _load_files(scene: Scene, at_ms: float, *, cached: bool) -> float:
    """Load script and style side by side; return the time of the slower one."""
    dice, visitor = scene.dice, scene.session.visitor
    slowest = 0.0
    for size in (visitor.release.script_bytes, STYLE_BYTES):
        took = dice.around(4, 0.5) if cached else dice.around(visitor.network.api_ms * (1 + size / 120_000), 0.4)
        known = {"size": size, "cached": cached} if visitor.persona.browser != "Safari" else {}
        scene.tell(at_ms + took, "bundle", loadTime=took, **known)
        slowest = max(slowest, took)
    return slowest


def _probe_storage(scene: Scene, at_ms: float) -> None:
    session, dice = scene.session, scene.dice
    policy = session.visitor.customer.policy
    if not session.stores:
        scene.tell(at_ms, "storage", available=False, persisted=False, policy=policy, reason="SecurityError")
    elif session.visitor.persona.heap_mb is None:
        scene.tell(at_ms, "storage", available=True, persisted=False, policy=policy)
    else:
        scene.tell(
            at_ms,
            "storage",
            available=True,
            persisted=area_of(session) == "indexedDB",
            policy=policy,
            usage=40_000 + 1_800 * session.messages,
            quota=dice.whole(2_000, 60_000) * 1_000_000,
        )


def _connect(scene: Scene, ready_ms: float) -> None:
    """Open the live channel; on a weak network it breaks and comes back once."""
    dice, network = scene.dice, scene.session.visitor.network
    took = dice.around(network.api_ms * 1.6, 0.35)
    scene.tell(ready_ms + took, "connection", success=True, duration=took, reconnects=0)
    call(scene, ready_ms + took, "POST", "/api/presence", weight=0.7)
    if dice.chance(network.drop_rate):
        back = dice.between(ready_ms + took, max(scene.ends_ms, ready_ms + took))
        took = dice.around(network.api_ms * 4, 0.6)
        scene.tell(
            back,
            "connection",
            success=True,
            duration=took,
            reconnects=1,
            closeCode=1006,
            gap=dice.several(0.4),
            recovered=True,
        )
