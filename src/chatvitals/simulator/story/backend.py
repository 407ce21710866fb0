"""Calls of the widget to its backend."""

from chatvitals.simulator.dice import Weighted
from chatvitals.simulator.story.scene import Scene

ERROR_RATE = 0.004
ERROR_STATUSES = Weighted((500, 502, 503, 504, 429), (30, 20, 30, 15, 5))
SPREAD = 0.46


def call(scene: Scene, at_ms: float, method: str, endpoint: str, *, weight: float = 1.0) -> float:
    """Call the backend, once more where it fails; return after how many ms the answer was there.

    `weight` is the call's time compared with the network's median.
    """
    dice = scene.dice
    took = dice.around(scene.session.visitor.network.api_ms * weight, SPREAD)
    if not dice.chance(ERROR_RATE):
        scene.tell(at_ms + took, "api", endpoint=endpoint, method=method, status=200, duration=took, success=True)
        return took
    scene.tell(
        at_ms + took,
        "api",
        endpoint=endpoint,
        method=method,
        status=ERROR_STATUSES.pick(dice),
        duration=took,
        success=False,
    )
    retried = took + 1_000
    again = dice.around(scene.session.visitor.network.api_ms * weight, SPREAD)
    scene.tell(
        at_ms + retried + again,
        "api",
        endpoint=endpoint,
        method=method,
        status=200,
        duration=again,
        success=True,
    )
    return retried + again


def load_config(scene: Scene, at_ms: float, *, first: bool) -> float:
    """Get the widget's configuration, mostly from the browser's cache; return the time that took."""
    dice = scene.dice
    cached = dice.chance(0.35 if first else 0.94)
    took = dice.around(6, 0.4) if cached else dice.around(scene.session.visitor.network.api_ms, SPREAD)
    scene.tell(
        at_ms + took,
        "api",
        endpoint="/api/config",
        method="GET",
        status=200,
        duration=took,
        success=True,
        cached=cached,
    )
    return took
