"""What the SDK costs a page: bytes to load, milliseconds of the main thread, heap, and the longest it blocks.

CPU time is what the kernel's scheduler counts for the renderer's main thread; an empty page that does the same is taken
off. Wall time is the page's own clock.
"""

import gzip
import json
import statistics
from collections.abc import Callable
from pathlib import Path

from bench.browser import Tab, main_thread_ms
from bench.host import SCRIPT, Host
from bench.sdk_report import Figure, Figures
from bench.sdk_stage import EVENTS, RECORD, Scene, Stage

REPEATS = 3
"""How often a run measures what varies between renderers; its value is the median."""

_QUIET_S = 0.6
"""After a page was opened, until nothing else happens."""

_AFTER_S = 0.4
"""Until all is over that was set off."""

_PREPARE = """(async () => {
    const text = %s;
    const script = document.createElement("script");
    script.textContent = text;
    window.start = () => {
        const from = performance.now();
        document.head.append(script);
        window.handle = %s;
        return performance.now() - from;
    };
})()"""
"""The script is compiled and run where it is put into the page, without the network's part."""

_LOADED = f'await (await fetch("/{SCRIPT}")).text()'
_BUSY_MS = 300
_TASKS = "disabled-by-default-devtools.timeline"
_NOBODY = "{trackRender() {}, flush: async () => {}}"

_FIRST, _GROUP, _ROUNDS = 10, 50, 20
_CALLS = f"""(async () => {{
    const timestamp = Date.now();
    const group = (size) => {{
        const from = performance.now();
        for (let i = 0; i < size; i++) {{
            handle.trackRender({{messageId: "m-1", renderTime: 12.3, contentLength: 256, timestamp}});
        }}
        return (performance.now() - from) * 1_000 / size;
    }};
    const groups = (count, size) => Array.from({{length: count}}, () => group(size));
    const first = groups({EVENTS // _FIRST}, {_FIRST});
    const later = [];
    for (let round = 0; round < {_ROUNDS}; round++) {{
        await handle.flush();
        later.push(...groups({EVENTS // _GROUP}, {_GROUP}));
    }}
    return {{first, later}};
}})()"""
"""The clock ticks every 5 µs, so calls are timed in groups, the first to 0.5 µs a call, later ones to 0.1 µs.
Between rounds all is sent."""

_LIFE = f"""new Promise((done) => setTimeout(() => {{
    start();
    setTimeout(() => {{
        ({RECORD})(handle, {EVENTS});
        setTimeout(() => handle.flush().then(() => setTimeout(done, 300)), 300);
    }}, 300);
}}, 300))"""

_START = f"evaluate and init {SCRIPT}"

Measure = Callable[[Scene], float]


def cost(stage: Stage, figures: Figures, say: Callable[[str], None]) -> None:
    """One run of everything that costs."""
    say("machine")
    _share(stage, figures)
    say("size")
    _sizes(stage.host, figures)
    say("start")
    _start(stage, figures)
    say("heap")
    _heap(stage, figures)
    say("calls")
    _calls(stage, figures)
    say(f"{EVENTS} events")
    _events(stage, figures)
    say("longest task")
    _longest_task(stage, figures)


def _median(stage: Stage, measure: Measure) -> float:
    values = []
    for _ in range(REPEATS):
        with stage.scene() as scene:
            values.append(measure(scene))
    return statistics.median(values)


def _share(stage: Stage, figures: Figures) -> None:
    """How much of its core a busy page gets: wall times are only worth something near 100 %."""
    with stage.scene() as scene, scene.blank() as tab:
        cpu_ms = _cpu_ms(tab, f"for (const from = performance.now(); performance.now() < from + {_BUSY_MS};);")
    figures.add("machine", Figure("share of its core that a busy page got", "%"), [100 * cpu_ms / _BUSY_MS])


def _packed(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), 9, mtime=0))


def _sizes(host: Host, figures: Figures) -> None:
    figures.add("size, gzip -9", Figure("index.mjs", "bytes", 3_000), [_packed(host.module)])
    figures.add("size, gzip -9", Figure(SCRIPT, "bytes", 7_000), [_packed(host.script)])


def _cpu_ms(tab: Tab, expression: str) -> float:
    """Main-thread CPU time of an expression and of what it sets off."""
    pid = tab.find_renderer()
    tab.wait(_QUIET_S)
    before = main_thread_ms(pid)
    tab.run(expression)
    tab.wait(_AFTER_S)
    return main_thread_ms(pid) - before


def _start(stage: Stage, figures: Figures) -> None:
    walls: list[float] = []

    def started(scene: Scene) -> float:
        with scene.blank() as tab:
            tab.run(_PREPARE % (_LOADED, scene.start()))
            cpu_ms = _cpu_ms(tab, "void (window.took = start())")
            walls.append(tab.run("took"))
            return cpu_ms

    def empty(scene: Scene) -> float:
        with scene.blank() as tab:
            tab.run(_PREPARE % ('""', _NOBODY))
            return _cpu_ms(tab, "void (window.took = start())")

    cpu_ms = _median(stage, started) - _median(stage, empty)
    figures.add(_START, Figure("wall", "ms", 2, digits=2), [statistics.median(walls)])
    figures.add(_START, Figure("main-thread CPU above an empty page", "ms", 3, digits=2), [cpu_ms])


def _heap_bytes(tab: Tab) -> dict[str, float]:
    tab.wait(_QUIET_S)
    for _ in range(2):
        tab.cdp.send("HeapProfiler.collectGarbage")
    usage: dict[str, float] = tab.cdp.send("Runtime.getHeapUsage")
    return usage


def _heap(stage: Stage, figures: Figures) -> None:
    def used(scene: Scene) -> float:
        with scene.visit() as tab:
            return _heap_bytes(tab)["usedSize"]

    def empty(scene: Scene) -> float:
        with scene.blank() as tab:
            tab.run("void (window.handle = {})")
            return _heap_bytes(tab)["usedSize"]

    kib = (_median(stage, used) - _median(stage, empty)) / 1_024
    figures.add(_START, Figure("heap above an empty page", "KiB", 40, digits=1), [kib])


def _calls(stage: Stage, figures: Figures) -> None:
    with stage.scene() as scene, scene.visit() as tab:
        tab.wait(_QUIET_S)
        took: dict[str, list[float]] = tab.run(_CALLS)
    heading = "one trackRender"
    figures.add(heading, Figure("median", "µs", 3, digits=2), [statistics.median(took["later"])])
    figures.add(
        heading, Figure(f"median of the first {EVENTS}", "µs", 15, digits=2), [statistics.median(took["first"])]
    )
    figures.add(heading, Figure("mean, with what ends a batch", "µs", digits=2), [statistics.mean(took["later"])])


def _events(stage: Stage, figures: Figures) -> None:
    expression = f"({RECORD})(handle, {EVENTS}), handle.flush()"

    def recorded(**options: object) -> Measure:
        def measure(scene: Scene) -> float:
            with scene.visit(**options) as tab:
                return _cpu_ms(tab, expression)

        return measure

    def empty(scene: Scene) -> float:
        with scene.blank() as tab:
            tab.run(f"void (window.handle = {_NOBODY})")
            return _cpu_ms(tab, expression)

    nothing = _median(stage, empty)
    heading = f"{EVENTS} events and their flush"
    figures.add(
        heading,
        Figure("main-thread CPU above an empty page", "ms", 5, digits=2),
        [_median(stage, recorded()) - nothing],
    )
    figures.add(
        heading, Figure("the same with policy persist", "ms", digits=2),
        [_median(stage, recorded(policy="persist")) - nothing],
    )  # fmt: skip


def _longest_task(stage: Stage, figures: Figures) -> None:
    with stage.scene() as scene, scene.blank() as tab:
        tab.run(_PREPARE % (_LOADED, scene.start()))
        pid = tab.find_renderer()
        tab.wait(_QUIET_S)
        stage.browser.start_tracing(categories=[_TASKS])
        tab.run(_LIFE)
        wall_ms, cpu_ms = _longest(stage.browser.stop_tracing(), pid)
    heading = f"longest task of init, {EVENTS} events and their flush"
    figures.add(heading, Figure("wall", "ms", 12, digits=2), [wall_ms])
    figures.add(heading, Figure("its CPU", "ms", digits=2), [cpu_ms])


def _longest(trace: bytes, pid: int) -> tuple[float, float]:
    """Wall and CPU milliseconds of the longest task of a process's main thread."""
    tasks = [
        (event["dur"] / 1_000, event["tdur"] / 1_000)
        for event in json.loads(trace)["traceEvents"]
        if event["name"] == "RunTask" and event["pid"] == event["tid"] == pid and "dur" in event
    ]
    return max(tasks)
