"""What arrives of 500 events, by what the server stored, when pages end, the server fails or the network goes.

An event is told by its time to render. Stored twice is a row too many of the same one.
"""

import time
from collections.abc import Callable

from bench.browser import Tab
from bench.sdk_report import Bound, Figure, Figures
from bench.sdk_stage import EVENTS, RECORD, Scene, Stage, render_time

OUTAGE_S = 10.0
_RECORDED = f"({RECORD})(handle, {EVENTS})"
_PATIENCE_S = 25.0
_STILL_S = 0.5
"""So long nothing may come any more before what is there is counted."""

HEADING = f"{EVENTS} events delivered"


def delivery(stage: Stage, figures: Figures, say: Callable[[str], None]) -> list[int]:
    """One run of each way that events may go, but for killed renderers; how many each time were stored twice."""
    twice = []
    for name, happens in _WAYS.items():
        say(name)
        with stage.scene() as scene:
            tab = scene.visit()
            recovered_s = happens(scene, tab)
            taken_s = wait_delivered(scene)
            twice.append(judge(scene, figures, all_of(name)))
            if recovered_s is not None:
                took_s = _PATIENCE_S if taken_s is None else max(0.0, taken_s - recovered_s)
                figures.add(HEADING, _recovery(name), [took_s])
    return twice


def all_of(name: str) -> Figure:
    """A row for how many of the events arrived, all of which should."""
    return Figure(name, "arrived", EVENTS, Bound.AT_LEAST, strict=True)


def judge(scene: Scene, figures: Figures, row: Figure) -> int:
    """Compare what the server stored with what was recorded; how many were stored twice."""
    arrived, twice = stored(scene)
    figures.add(HEADING, row, [len(arrived & {render_time(number) for number in range(EVENTS)})])
    return twice


def stored(scene: Scene) -> tuple[set[float], int]:
    """The times to render of a site's events, and how many rows repeat one."""
    times = [row["renderTime"] for row in scene.server.export(scene.site) if row["kind"] == "render"]
    return set(times), len(times) - len(set(times))


def wait_delivered(scene: Scene, events: int = EVENTS, patience_s: float = _PATIENCE_S) -> float | None:
    """Wait until so many are stored and no more come. When the last was taken; None when they don't all come."""
    deadline = time.monotonic() + patience_s
    taken_s = None
    while taken_s is None and time.monotonic() < deadline:
        if len(stored(scene)[0]) >= events:
            taken_s = max(
                (passage.answered_s for passage in scene.gate.passed() if passage.status == 202),
                default=time.monotonic(),
            )
        else:
            time.sleep(0.1)
    before = -1
    while before < (now := scene.server.kept(scene.site)):
        before = now
        time.sleep(_STILL_S)
    return taken_s


def _open(_scene: Scene, tab: Tab) -> None:
    tab.run(_RECORDED)


def _navigated(scene: Scene, tab: Tab) -> None:
    tab.run(f'{_RECORDED}; location.href = "{scene.host.other}"')


def _closed(_scene: Scene, tab: Tab) -> None:
    tab.run(_RECORDED)
    tab.page.close(run_before_unload=True)


def _refused(scene: Scene, tab: Tab) -> float:
    scene.gate.open = False
    tab.run(_RECORDED)
    tab.wait(OUTAGE_S)
    scene.gate.open = True
    return time.monotonic()


def _offline(scene: Scene, tab: Tab) -> float:
    scene.browsing.set_offline(True)
    tab.run(_RECORDED)
    tab.wait(OUTAGE_S)
    scene.browsing.set_offline(False)
    return time.monotonic()


_WAYS: dict[str, Callable[[Scene, Tab], float | None]] = {
    "the page stays": _open,
    "navigated away at once": _navigated,
    "tab closed at once": _closed,
    "server answers 503 for 10 s": _refused,
    "offline for 10 s": _offline,
}


def _recovery(name: str) -> Figure:
    target = 1 if "offline" in name else 10
    return Figure(f"{name}: until all is taken, after it ended", "s", target, digits=2, strict=True)
