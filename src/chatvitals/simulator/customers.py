"""Whose pages the widgets are on: customers with their traffic, region, pages and storage policy."""

from dataclasses import dataclass

from chatvitals.simulator.dice import Dice, Weighted


@dataclass(frozen=True, slots=True)
class Region:
    """Part of the world. Its customers' visitors live by one clock and come mostly from these countries."""

    utc_offset_hours: int
    countries: Weighted[str]


REGIONS: Weighted[Region] = Weighted(
    (
        Region(1, Weighted(("DE", "FR", "NL", "ES", "IT", "PL"), (40, 20, 12, 10, 10, 8))),
        Region(0, Weighted(("GB", "IE", "PT"), (80, 12, 8))),
        Region(-5, Weighted(("US", "CA"), (85, 15))),
        Region(-8, Weighted(("US", "MX"), (88, 12))),
        Region(-3, Weighted(("BR", "AR"), (75, 25))),
        Region(9, Weighted(("JP", "KR"), (80, 20))),
        Region(10, Weighted(("AU", "NZ"), (85, 15))),
    ),
    (32, 14, 22, 10, 8, 8, 6),
)

PAGES: Weighted[tuple[str, ...]] = Weighted(
    (
        ("/", "/products", "/products/shoes", "/products/coats", "/cart", "/checkout", "/returns"),
        ("/", "/pricing", "/features", "/docs/start", "/docs/api", "/signup", "/contact"),
        ("/", "/accounts", "/cards", "/loans", "/branches", "/help", "/login"),
        ("/", "/flights", "/hotels", "/booking", "/booking/payment", "/my-trips", "/help"),
    ),
    (45, 30, 10, 15),
)
"""What there is to visit on a shop, a software house, a bank, a travel agency; the front page first."""

POLICIES = Weighted(("persist", "session", "ephemeral"), (82, 14, 4))

NAMES = (
    "acme", "globex", "initech", "northwind", "contoso", "umbra", "hooli", "vandelay", "tyrell", "soylent",
    "wonka", "oceanic", "sirius", "monarch", "bluebird", "kestrel", "larkspur", "meridian", "zephyr", "quill",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Customer:
    """`weight` is its share of the fleet's traffic, relative to the others."""

    name: str
    weight: float
    region: Region
    pages: tuple[str, ...]
    policy: str


def draw_customers(count: int, dice: Dice) -> tuple[Customer, ...]:
    """Draw customers whose traffic follows Zipf's law: the second has about half of the first's."""
    return tuple(
        Customer(
            name=NAMES[rank] if rank < len(NAMES) else f"customer-{rank + 1:04d}",
            weight=1 / (rank + 1) ** 1.05,
            region=REGIONS.pick(dice),
            pages=PAGES.pick(dice),
            policy=POLICIES.pick(dice) if rank else "persist",
        )
        for rank in range(count)
    )
