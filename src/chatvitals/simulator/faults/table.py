"""The faults: each one function, whose docstring says what goes wrong.

To add one, write it here under `@strikes`, or under `@delivers` where it is about how beacons go out. A fault
changes an event in place and returns the event that follows from it, if any; a fault of delivery changes the
envelope of a batch.
"""

from collections.abc import Callable
from dataclasses import dataclass
from inspect import getdoc

from chatvitals.simulator.faults.victim import Victim
from chatvitals.simulator.story.scene import Event


@dataclass(slots=True)
class Envelope:
    """How a batch goes out: how many times, and how many ms the client's clock is ahead."""

    copies: int = 1
    skew_ms: int = 0


Strike = Callable[[Event, Victim], Event | None]
Misdeliver = Callable[[Envelope, Victim], None]


@dataclass(frozen=True, slots=True)
class Fault:
    """`what` says in one sentence what goes wrong; `kinds` are those whose events it changes."""

    name: str
    what: str
    kinds: frozenset[str] = frozenset()
    strike: Strike | None = None
    misdeliver: Misdeliver | None = None


FAULTS: dict[str, Fault] = {}
"""Every fault by its name."""


def strikes(name: str, *kinds: str) -> Callable[[Strike], Strike]:
    """Enter a fault that changes events of `kinds`."""

    def enter(strike: Strike) -> Strike:
        FAULTS[name] = Fault(name, getdoc(strike) or "", frozenset(kinds), strike=strike)
        return strike

    return enter


def delivers(name: str) -> Callable[[Misdeliver], Misdeliver]:
    """Enter a fault that changes how beacons go out."""

    def enter(misdeliver: Misdeliver) -> Misdeliver:
        FAULTS[name] = Fault(name, getdoc(misdeliver) or "", misdeliver=misdeliver)
        return misdeliver

    return enter


@strikes("loss-quota", "persistence")
def lose_to_quota(event: Event, victim: Victim) -> Event | None:
    """Every save fails because the storage is full, and its message is lost."""
    if event["operation"] != "save":
        return None
    event.update(success=False, errorType="QuotaExceededError", quotaUsed=1.0)
    lost = range(victim.ordinal, victim.ordinal + 1)
    return victim.loss(event, lost, hop="save", error_type="QuotaExceededError")


@strikes("loss-security", "storage", "persistence", "restoration", "navigation")
def lose_to_security(event: Event, victim: Victim) -> Event | None:
    """The browser denies storage, and what was there is not found again."""
    match event["kind"]:
        case "storage":
            event.update(available=False, persisted=False, reason="SecurityError")
        case "persistence":
            event.update(success=False, errorType="SecurityError")
        case "restoration":
            event.update(success=False, restored=0, cause="SecurityError")
        case "navigation":
            event.update(preserved=event["expected"] == 0, found=0)
    lost = range(event.get("expected", 0))
    return victim.loss(event, lost, hop="restore", error_type="SecurityError") if lost else None


@strikes("wrong-restore", "restoration")
def restore_wrongly(event: Event, victim: Victim) -> Event | None:
    """Somebody else's conversation is restored, and one's own is lost."""
    foreign = victim.dice.whole(1, 30)
    event.update(success=False, identityMatches=False, restored=foreign, cause="wrong-identity")
    return victim.loss(event, range(event["expected"]), hop="restore", error_type="WrongIdentity")


@strikes("slow-render", "render")
def slow_down_render(event: Event, _victim: Victim) -> None:
    """Messages take six times as long to draw."""
    event["renderTime"] = round(event["renderTime"] * 6 + 4, 2)


@strikes("memory-leak", "memory")
def leak_memory(event: Event, victim: Victim) -> None:
    """The heap grows by 400 kB a second, and so does the page's tree."""
    age_s = victim.age_s(event)
    event["usedBytes"] += int(age_s * 400_000)
    event["domNodes"] += int(age_s * 30)


@strikes("jank", "scroll")
def stutter(event: Event, victim: Victim) -> None:
    """Scrolling stutters at half the frame rate."""
    frames = event["frames"] // 2
    event.update(
        fps=round(event["fps"] / 2, 2),
        minFps=round(event["minFps"] / 4, 2),
        frames=frames,
        lateFrames=int(frames * victim.dice.between(0.25, 0.45)),
    )


@strikes("tab-sync-failing", "tabSync")
def fail_tab_sync(event: Event, victim: Victim) -> None:
    """Four of five changes don't reach the other tab."""
    if victim.dice.chance(0.8):
        event.update(success=False, latency=2_000.0)


@strikes("api-errors", "api")
def fail_calls(event: Event, victim: Victim) -> None:
    """Half of the backend's answers are errors."""
    if victim.dice.chance(0.5):
        event.update(success=False, status=(500, 502, 503)[victim.dice.whole(0, 3)])


@strikes("slow-api", "api")
def slow_down_calls(event: Event, _victim: Victim) -> None:
    """The backend takes five times as long."""
    event["duration"] = round(event["duration"] * 5, 2)


@strikes("cache-misses", "api", "bundle")
def miss_cache(event: Event, victim: Victim) -> None:
    """Nothing comes from the browser's cache."""
    if event.get("cached"):
        time = "duration" if event["kind"] == "api" else "loadTime"
        event.update({"cached": False, time: round(event[time] + victim.dice.around(90, 0.4), 2)})


@strikes("silent-staleness", "message")
def fall_behind(event: Event, victim: Victim) -> None:
    """The screen falls silently behind the server by a message every 10 s."""
    if event["stage"] == "rendered":
        event["serverOrdinal"] = event["ordinal"] + 1 + int(victim.age_s(event) / 10)


@delivers("duplicate-beacons")
def send_twice(envelope: Envelope, _victim: Victim) -> None:
    """Every batch is sent twice."""
    envelope.copies = 2


@delivers("skewed-clocks")
def skew_clock(envelope: Envelope, victim: Victim) -> None:
    """The browser's clock is off by minutes or hours."""
    envelope.skew_ms = victim.skew_ms
