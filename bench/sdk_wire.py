"""What the SDK puts on the wire for 500 events, as the gate sees it: requests, bytes of bodies, preflights.

The SDK keeps message ids to itself, so random ones weigh what sequential ones do. Their honest counterpart is a ledger
event whose conversation has a random id of eight letters and digits: that one has to travel.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from bench.sdk_report import Figure, Figures
from bench.sdk_stage import EVENTS, Stage

_WAIT_S = 0.5

_SEQUENTIAL = """(i) => handle.trackRender(
    {messageId: `m-${i}`, renderTime: 3 + (i * 7 % 40) / 2, contentLength: 100 + i % 60})"""
_RANDOM_MESSAGE = """() => handle.trackRender(
    {messageId: crypto.randomUUID(), renderTime: 12.3, contentLength: 256})"""
_RANDOM_CONVERSATION = """(i) => handle.trackMessage(
    {stage: "sent", ordinal: i, conversationId: (Math.random() + 1).toString(36).slice(2, 10).padEnd(8, "0")})"""
_LIFELIKE = """(i) => handle.trackRender({
    messageId: `m-${i}`, timestamp: Date.now() - 40 * (500 - i) - Math.floor(40 * Math.random()),
    renderTime: Math.round(10 * Math.exp(2.5 + Math.random() + Math.random())) / 10,
    contentLength: Math.floor(20 + 600 * Math.random())})"""


@dataclass(frozen=True)
class _Kind:
    name: str
    track: str
    most_bytes: float | None


_KINDS = (
    _Kind("sequential message ids", _SEQUENTIAL, 12),
    _Kind("random message ids, which stay in the page", _RANDOM_MESSAGE, 20),
    _Kind("random conversation ids, which travel", _RANDOM_CONVERSATION, 20),
    _Kind("renders whose times and lengths are drawn", _LIFELIKE, None),
)


def wire(stage: Stage, figures: Figures, say: Callable[[str], None]) -> None:
    """One run of each kind."""
    heading = f"{EVENTS} events on the wire"
    until_taken, until_left, preflights = [], [], []
    for kind in _KINDS:
        say(kind.name)
        with stage.scene() as scene, scene.visit() as tab:
            tab.run(f"for (let i = 0; i < {EVENTS}; i++) ({kind.track})(i)")
            tab.run("handle.flush()")
            tab.wait(_WAIT_S)
            sent = scene.gate.passed()
            tab.page.close(run_before_unload=True)
            time.sleep(_WAIT_S)
            left = scene.gate.passed()
        figure = Figure(f"body bytes an event: {kind.name}", target=kind.most_bytes, digits=1)
        figures.add(heading, figure, [sum(passage.bytes for passage in sent) / EVENTS])
        until_taken.append(sum(passage.method == "POST" for passage in sent))
        until_left.append(sum(passage.method == "POST" for passage in left))
        preflights.append(sum(passage.method == "OPTIONS" for passage in left))
    figures.add(heading, Figure("requests until all is taken, of any of these", target=2, strict=True), until_taken)
    figures.add(heading, Figure("requests until the page is left"), until_left)
    figures.add(heading, Figure("preflights", target=0, strict=True), preflights)
