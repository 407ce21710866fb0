"""What channels find around them. Put together once, by whoever runs them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from chatvitals.clock import Clock
from chatvitals.notify.outgoing.client import Outgoing
from chatvitals.store.control.notifications import Notifications


@dataclass(frozen=True, slots=True)
class Surroundings:
    """`console` writes a text where people see it; `environment` is where secrets are looked up."""

    clock: Clock
    outgoing: Outgoing
    notifications: Notifications
    console: Callable[[str], None]
    environment: Mapping[str, str] = field(repr=False)
