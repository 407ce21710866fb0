"""What arrives when a page's renderer is killed and the page is visited again, in a new tab.

An outside observer learns from console messages what was recorded when; they are on their way before the kill, as the
browser's own clock and ours are the same.
"""

import os
import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import ConsoleMessage

from bench.browser import wall_ms
from bench.sdk_delivery import all_of, judge, stored, wait_delivered
from bench.sdk_report import Bound, Figure, Figures
from bench.sdk_stage import EVENTS, RECORD, Stage

KILLS = 3
"""Kills at random moments in a run."""

_AFTER_S = 2.0
_LATEST_S = 3.0
_SAFE_MS = 200
_PATIENCE_S = 8.0
_FORLORN_S = 2.0
"""For what nothing keeps, and which needn't come."""

_EVERY_10_MS = """(() => {
    let number = 0;
    setInterval(() => {
        handle.trackRender({renderTime: 1 + number / 2, contentLength: 100});
        console.debug("recorded", 1 + number++ / 2, Date.now());
    }, 10);
})()"""


def kills(stage: Stage, figures: Figures, say: Callable[[str], None], draw: random.Random) -> list[int]:
    """One run of each way to be killed; how many events each time were stored twice."""
    persisted, forgotten = {"policy": "persist"}, dict[str, str]()
    after = all_of("renderer killed after 2 s")
    unsent = Figure("renderer killed after 2 s of 503", "arrived")
    unkept = Figure("the same without storage (default policy)", "arrived")
    twice = []
    for row, options, refusing in ((after, persisted, False), (unsent, persisted, True), (unkept, forgotten, True)):
        say(row.name)
        twice.append(_killed_later(stage, figures, row, options, refusing=refusing))
    for name, target, options, count in (
        ("policy persist", 99.0, persisted, KILLS),
        ("without storage (default policy)", None, forgotten, 1),
    ):
        losses = []
        for _ in range(count):
            after_s = draw.uniform(0, _LATEST_S)
            say(f"renderer killed at {after_s:.1f} s, {name}")
            losses.append(_killed_anytime(stage, after_s, options))
        _tell(figures, name, target, losses)
        twice += [loss.twice for loss in losses]
    return twice


def kill(pid: int) -> float:
    """Kill a process; when that was, in ms of the wall clock."""
    killed_ms = wall_ms()
    os.kill(pid, signal.SIGKILL)
    return killed_ms


def _patience_s(options: dict[str, str]) -> float:
    return _PATIENCE_S if options else _FORLORN_S


def _killed_later(stage: Stage, figures: Figures, row: Figure, options: dict[str, str], *, refusing: bool) -> int:
    with stage.scene() as scene:
        tab = scene.visit(**options)
        pid = tab.find_renderer()
        scene.gate.open = not refusing
        tab.run(f"({RECORD})(handle, {EVENTS})")
        time.sleep(_AFTER_S)
        kill(pid)
        scene.gate.open = True
        scene.visit(**options)
        wait_delivered(scene, patience_s=_patience_s(options))
        return judge(scene, figures, row)


@dataclass
class _Observer:
    """What a page said that it recorded: the time to render that tells an event, and when it was recorded (wall ms)."""

    recorded: dict[float, float] = field(default_factory=dict)

    def hear(self, message: ConsoleMessage) -> None:
        word, *numbers = message.text.split()
        if word == "recorded":
            time_ms, at_ms = map(float, numbers)
            self.recorded[time_ms] = at_ms

    def before(self, moment_ms: float) -> set[float]:
        return {event for event, at_ms in self.recorded.items() if at_ms < moment_ms}


@dataclass(frozen=True)
class _Loss:
    """What came of one kill. `oldest_ms` is the age of the oldest event that was lost, 0 where none was."""

    safe: int
    arrived: int
    twice: int
    oldest_ms: float


def _killed_anytime(stage: Stage, after_s: float, options: dict[str, str]) -> _Loss:
    observer = _Observer()
    with stage.scene() as scene:
        tab = scene.visit(**options)
        tab.page.on("console", observer.hear)
        pid = tab.find_renderer()
        tab.run(_EVERY_10_MS)
        tab.wait(after_s)
        killed_ms = kill(pid)
        scene.visit(**options).wait(0.1)  # and hear the last of the other page
        safe = observer.before(killed_ms - _SAFE_MS)
        wait_delivered(scene, len(safe), _patience_s(options))
        arrived, twice = stored(scene)
        lost_at_ms = [at_ms for event, at_ms in observer.recorded.items() if event not in arrived]
        return _Loss(len(safe), len(safe & arrived), twice, killed_ms - min(lost_at_ms, default=killed_ms))


def _tell(figures: Figures, name: str, target: float | None, losses: list[_Loss]) -> None:
    """Rows of one policy."""
    heading = "renderer killed at a random moment, an event every 10 ms"
    safe = sum(loss.safe for loss in losses)
    if safe:
        row = Figure(f"arrived of those older than {_SAFE_MS} ms, {name}", "%", target, Bound.AT_LEAST, digits=1)
        figures.add(heading, row, [100 * sum(loss.arrived for loss in losses) / safe])
    row = Figure(f"age of the oldest event lost, {name}", "ms")
    figures.add(heading, row, [max(loss.oldest_ms for loss in losses)])
