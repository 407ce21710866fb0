"""Who the visitors are: browsers on devices, networks, and habits of chatting, each with its share."""

from dataclasses import dataclass

from chatvitals.simulator.dice import Weighted


@dataclass(frozen=True, slots=True)
class Network:
    """`api_ms` is the median time of a call, `drop_rate` the chance that a page loses its live channel."""

    api_ms: float
    drop_rate: float


WIRED = Network(api_ms=84, drop_rate=0.005)
WIFI = Network(api_ms=104, drop_rate=0.012)
MOBILE = Network(api_ms=140, drop_rate=0.035)
WEAK_MOBILE = Network(api_ms=235, drop_rate=0.08)

AT_A_DESK = Weighted((WIRED, WIFI), (45, 55))
ON_THE_MOVE = Weighted((WIFI, MOBILE, WEAK_MOBILE), (56, 40, 4))


@dataclass(frozen=True, slots=True)
class Persona:
    """A browser on a device.

    `draw_ms` is the median time to draw a message; `fps_lost` how far a typical scroll stays below 60 frames
    a second; `heap_mb` the widget's median heap, None where the browser doesn't tell.
    """

    browser: str
    versions: tuple[int, ...]
    os: str
    device: str
    networks: Weighted[Network]
    draw_ms: float
    fps_lost: float
    heap_mb: float | None
    second_tab_rate: float


PERSONAS: Weighted[Persona] = Weighted(
    (
        Persona("Chrome", (141, 140), "Windows", "desktop", AT_A_DESK, 3.4, 0.5, 16.8, 0.28),
        Persona("Chrome", (141, 140), "macOS", "desktop", AT_A_DESK, 2.7, 0.3, 17.2, 0.30),
        Persona("Chrome", (141, 139), "Android", "mobile", ON_THE_MOVE, 4.7, 1.0, 13.4, 0.05),
        Persona("Safari", (26, 18), "iOS", "mobile", ON_THE_MOVE, 3.7, 0.4, None, 0.05),
        Persona("Safari", (26, 18), "macOS", "desktop", AT_A_DESK, 2.6, 0.3, None, 0.22),
        Persona("Edge", (141, 140), "Windows", "desktop", AT_A_DESK, 3.5, 0.5, 17.0, 0.25),
        Persona("Firefox", (144, 140), "Windows", "desktop", AT_A_DESK, 3.6, 0.6, None, 0.25),
        Persona("Samsung Internet", (28,), "Android", "mobile", ON_THE_MOVE, 5.2, 1.3, 12.8, 0.03),
        Persona("Safari", (26,), "iPadOS", "tablet", ON_THE_MOVE, 3.3, 0.4, None, 0.10),
    ),
    (31, 10, 25, 15, 5, 6, 4, 2, 2),
)

VERSION_SHARES = (80, 20)
"""Of the newest version of a browser, and of the older one that it is listed with."""


@dataclass(frozen=True, slots=True)
class Habit:
    """How somebody chats: messages a page, pages after the first, time on a page and between messages."""

    messages: float
    more_pages: float
    page_ms: float
    think_ms: float
    scrolls: float


HABITS: Weighted[Habit] = Weighted(
    (
        Habit(messages=0.2, more_pages=2.2, page_ms=22_000, think_ms=6_000, scrolls=0.4),  # looks around
        Habit(messages=2.0, more_pages=0.8, page_ms=48_000, think_ms=5_000, scrolls=1.2),  # asks and leaves
        Habit(messages=4.0, more_pages=1.6, page_ms=75_000, think_ms=6_500, scrolls=2.2),  # talks
    ),
    (30, 45, 25),
)
