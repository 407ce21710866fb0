"""How planned faults reach sessions: who is struck, and what becomes of their events and batches."""

from collections.abc import Mapping, Sequence

from chatvitals.simulator.dice import Dice
from chatvitals.simulator.faults.plan import PlannedFault
from chatvitals.simulator.faults.table import Envelope
from chatvitals.simulator.faults.victim import Victim
from chatvitals.simulator.story.scene import Event
from chatvitals.simulator.story.session import Session

Stricken = list[tuple[PlannedFault, Victim]]
"""The faults that a session has to suffer."""

LEAST_SKEW_MS = 60_000
GREATEST_SKEW_MS = 10_800_000


def choose_faults(plans: Sequence[PlannedFault], session: Session, seed: int) -> Stricken:
    """Draw which of the plans strike a session; most have none that could."""
    if not plans:
        return []
    dimensions = session.visitor.dimensions()
    stricken: Stricken = []
    for number, plan in enumerate(plans):
        if not plan.matches(dimensions) or plan.until_ms <= session.starts_ms or plan.at_ms > session.ends_ms:
            continue
        dice = Dice(f"{seed}/{session.index}/{plan.fault.name}/{number}")
        if dice.chance(plan.share):
            skew = dice.whole(LEAST_SKEW_MS, GREATEST_SKEW_MS) * (1 if dice.chance(0.5) else -1)
            stricken.append((plan, Victim(dice, session.starts_ms, session.conversation_id, skew)))
    return stricken


def strike_events(events: list[Event], stricken: Stricken, dimensions: Mapping[str, str]) -> None:
    """Let the faults change a scene's events, given in the order of time, and add what follows from them."""
    for plan, victim in stricken:
        strike = plan.fault.strike
        if strike is None or not plan.matches(dimensions):
            continue
        followed: list[Event] = []
        for event in events:
            if event["kind"] == "message":
                victim.ordinal = max(victim.ordinal, event["ordinal"])
            if event["kind"] in plan.fault.kinds and plan.active(event["timestamp"]):
                follows = strike(event, victim)
                if follows is not None:
                    followed.append(follows)
        events.extend(followed)


def envelope_for(due_ms: float, stricken: Stricken, dimensions: Mapping[str, str]) -> Envelope:
    """How a batch that is due at a time goes out."""
    envelope = Envelope()
    for plan, victim in stricken:
        if plan.fault.misdeliver and plan.active(due_ms) and plan.matches(dimensions):
            plan.fault.misdeliver(envelope, victim)
    return envelope
