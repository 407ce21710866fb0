"""The fleet: which visitor starts a session at a given time, and how busy the fleet is then.

All times are milliseconds from the start of the simulation, negative in its past.
"""

from dataclasses import dataclass

from chatvitals.simulator.customers import Customer, draw_customers
from chatvitals.simulator.dice import Dice, Weighted
from chatvitals.simulator.personas import HABITS, PERSONAS, VERSION_SHARES, Habit, Network, Persona
from chatvitals.simulator.releases import RELEASES, Release, draw_release
from chatvitals.simulator.rhythm import activity

VARIANTS = ("control", "treatment")
SLOT_MS = 900_000
"""The mix of customers is worked out anew this often."""
HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody on a customer's pages. `history` counts the messages of earlier visits, 0 for a newcomer."""

    customer: Customer
    persona: Persona
    browser: str
    network: Network
    habit: Habit
    release: Release
    variant: str
    country: str
    history: int
    second_tab: bool

    def dimensions(self) -> dict[str, str]:
        """What holds for the whole session, by the names of the wire; `page` comes with each page."""
        return {
            "customer": self.customer.name,
            "release": self.release.version,
            "variant": self.variant,
            "browser": self.browser,
            "os": self.persona.os,
            "device": self.persona.device,
            "country": self.country,
        }


class Fleet:
    """Customers and their visitors.

    `start_ms` is the start of the simulation in Unix milliseconds. With `daily_rhythm` every customer is as
    busy as its time of day; without, the mix stays what it is on the mean of a day.
    """

    def __init__(self, seed: int, customers: int, start_ms: int, *, daily_rhythm: bool) -> None:
        self.customers = draw_customers(customers, Dice(f"{seed}/customers"))
        self.daily_rhythm = daily_rhythm
        self.start_ms = start_ms
        self._traffic = sum(customer.weight for customer in self.customers)
        self._mixes: dict[int, tuple[float, Weighted[Customer]]] = {}

    def activity(self, at_ms: float) -> float:
        """How busy the fleet is, compared with the mean of a day."""
        return self._mix(at_ms)[0]

    def visitor(self, at_ms: float, dice: Dice) -> Visitor:
        """Draw who starts a session now."""
        customer = self._mix(at_ms)[1].pick(dice)
        persona = PERSONAS.pick(dice)
        newest, *older = persona.versions
        version = newest if not older or dice.random() * 100 < VERSION_SHARES[0] else older[0]
        returning = customer.policy == "persist" and dice.chance(0.4)
        return Visitor(
            customer=customer,
            persona=persona,
            browser=f"{persona.browser} {version}",
            network=persona.networks.pick(dice),
            habit=HABITS.pick(dice),
            release=draw_release(at_ms, dice),
            variant=VARIANTS[dice.whole(0, len(VARIANTS))],
            country=customer.region.countries.pick(dice),
            history=dice.whole(2, 40) if returning else 0,
            second_tab=dice.chance(persona.second_tab_rate),
        )

    def values(self, dimension: str) -> list[str]:
        """Every value that a dimension can have in this fleet, sorted; the browsers' families among them."""
        families = {f"{p.browser} {v}" for p in PERSONAS.values for v in p.versions}
        found: dict[str, set[str]] = {
            "customer": {customer.name for customer in self.customers},
            "release": {release.version for release in RELEASES},
            "variant": set(VARIANTS),
            "page": {page for customer in self.customers for page in customer.pages},
            "browser": families | {persona.browser for persona in PERSONAS.values},
            "os": {persona.os for persona in PERSONAS.values},
            "device": {persona.device for persona in PERSONAS.values},
            "country": {c for customer in self.customers for c in customer.region.countries.values},
        }
        return sorted(found[dimension])

    def _mix(self, at_ms: float) -> tuple[float, Weighted[Customer]]:
        slot = int(at_ms // SLOT_MS) if self.daily_rhythm else 0
        if slot not in self._mixes:
            self._mixes[slot] = self._mix_of(slot)
        return self._mixes[slot]

    def _mix_of(self, slot: int) -> tuple[float, Weighted[Customer]]:
        weights = [customer.weight for customer in self.customers]
        if self.daily_rhythm:
            utc_hour = (self.start_ms + (slot + 0.5) * SLOT_MS) / HOUR_MS
            weights = [c.weight * activity(utc_hour + c.region.utc_offset_hours) for c in self.customers]
        return sum(weights) / self._traffic, Weighted(self.customers, weights)
