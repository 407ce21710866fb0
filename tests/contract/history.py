"""Random events in the words of the wire, and their way into the store."""

import random
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any
from uuid import uuid4

import msgspec
from tests.unit.events import NOW_MS

from chatvitals.catalogue.dimensions import DIMENSION_NAMES, Context
from chatvitals.catalogue.kinds import AnyEvent
from chatvitals.ingest.delivery import Delivery
from chatvitals.ingest.rows import encode_rows
from chatvitals.ingest.steps.identity import hash_identities
from chatvitals.store.control.sites import Site
from chatvitals.store.events.embedded import EmbeddedEngine

Event = dict[str, Any]
LENGTH_MS = 1_200_000
VALUES: dict[str, tuple[str, ...]] = {
    "customer": ("acme", "globex", "initech", ""),
    "release": ("2.3", "2.4"),
    "variant": ("a", "b", ""),
    "page": ("/", "/pricing", "/help"),
    "browser": ("Chrome 143", "Firefox 146", "Safari 26"),
    "os": ("Windows", "macOS"),
    "device": ("desktop", "phone"),
    "country": ("DE", ""),
}
_ERRORS = ("QuotaExceededError", "SecurityError", None)


def _kinds(dice: random.Random) -> dict[str, Callable[[], Event]]:
    def happens(share: float) -> bool:
        return dice.random() < share

    def duration(median: float) -> float:
        return round(median * dice.lognormvariate(0, 0.8), 3)

    return {
        "persistence": lambda: {
            "operation": dice.choice(("save", "restore", "sync")),
            "success": happens(0.9),
            "duration": duration(40),
            "errorType": dice.choice(_ERRORS),
        },
        "restoration": lambda: {
            "success": happens(0.95),
            "duration": duration(150),
            "identityMatches": dice.choice((True, True, False, None)),
        },
        "navigation": lambda: {"preserved": happens(0.97)},
        "loss": lambda: {
            "conversationId": "c",
            "lost": dice.randint(1, 9),
            "hop": "save",
            "errorType": dice.choice(_ERRORS),
        },
        "render": lambda: {"renderTime": dice.choice((16, 16.001, duration(8)))},
        "scroll": lambda: {
            "fps": dice.uniform(30, 60),
            "minFps": dice.choice((None, dice.uniform(5, 30))),
            "frames": dice.choice((None, dice.randint(0, 300))),
            "lateFrames": dice.choice((None, dice.randint(0, 30))),
        },
        "memory": lambda: {"usedBytes": dice.randint(10**6, 10**8)},
        "tabSync": lambda: {"latency": duration(20), "success": happens(0.98)},
        "api": lambda: {
            "endpoint": dice.choice(("/v1/send", "/v1/list")),
            "duration": duration(200),
            "success": happens(0.96),
            "cached": dice.choice((True, False, None)),
        },
        "bundle": lambda: {"loadTime": duration(300), "size": dice.choice((None, dice.randint(1, 10**6)))},
        "message": lambda: {
            "stage": dice.choice(("sent", "acked", "rendered")),
            "ordinal": dice.randint(0, 50),
            "serverOrdinal": dice.choice((None, dice.randint(50, 60))),
            "duplicate": dice.choice((None, True, False)),
        },
        "connection": lambda: {
            "success": happens(0.9),
            "gap": dice.choice((None, 0, 3)),
            "recovered": dice.choice((None, True, False)),
        },
        "stream": lambda: {
            "outcome": dice.choice(("complete", "truncated")),
            "firstPaint": dice.choice((None, duration(500))),
        },
        "error": lambda: {"type": "TypeError", "handled": dice.choice((None, True, False))},
        "host": lambda: {"ownBlockingTime": dice.choice((None, duration(20)))},
        "storage": lambda: {"available": happens(0.8)},
        "sdk": lambda: {"recorded": 5, "sent": 4, "dropped": {"queue": 1}},
    }


def random_events(seed: int, count: int, samples: tuple[float, ...] = (1.0,)) -> list[Event]:
    """Events of 60 sessions with two tabs each over twenty minutes; some ordinals of each tab are missing."""
    dice = random.Random(seed)
    makers = _kinds(dice)
    sessions = [
        {name: dice.choice(values) for name, values in VALUES.items()} | {"sample": dice.choice(samples)}
        for _ in range(60)
    ]
    ordinals: defaultdict[tuple[int, int], int] = defaultdict(int)
    events: list[Event] = []
    for place in range(count):
        session, tab = dice.randrange(len(sessions)), dice.randrange(2)
        ordinals[session, tab] += dice.choice((1, 1, 1, 3))
        kind = dice.choice(list(makers))
        told = {name: value for name, value in makers[kind]().items() if value is not None}
        events.append(
            {
                "kind": kind,
                "timestamp": NOW_MS + place * LENGTH_MS // count,
                "seq": ordinals[session, tab],
                "sessionId": f"session {session}",
                "tabId": f"tab {tab}",
                **sessions[session],
                **told,
            }
        )
    return events


def store(engine: EmbeddedEngine, events: Iterable[Event]) -> str:
    """Bring events into a site of their own, and return its name. `came` is when an event came, NOW_MS by default."""
    site = Site(f"site {uuid4()}", b"salt" * 8, ("*",))
    by_context: defaultdict[tuple[Any, ...], list[Event]] = defaultdict(list)
    for event in events:
        names = ("sample", "sessionId", "tabId", *DIMENSION_NAMES)
        by_context[event.get("came", NOW_MS), *(event[name] for name in names)].append(event)
    deliveries = []
    for (came, sample, session, tab, *dimensions), own in by_context.items():
        context = Context(session, tab, *dimensions)
        converted = [msgspec.convert(event, AnyEvent) for event in own]
        delivery = Delivery(site, b"b" * 16, came, came, sample, context, converted)
        hash_identities(delivery)
        deliveries.append(delivery)
    engine.insert("events", [encode_rows(deliveries).block], site.name)
    return site.name
