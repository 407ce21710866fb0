"""What channels find around them. Put together once, by whoever runs them."""

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from chatvitals.clock import Clock
from chatvitals.notify.outgoing.allowed import AllowList
from chatvitals.notify.outgoing.client import Outgoing
from chatvitals.notify.outgoing.guard import Guard, system_resolver
from chatvitals.store.control.notifications import Notifications


@dataclass(frozen=True, slots=True)
class Surroundings:
    """`console` writes a text where people see it; `environment` is where secrets are looked up."""

    clock: Clock
    outgoing: Outgoing
    notifications: Notifications
    console: Callable[[str], None]
    environment: Mapping[str, str] = field(repr=False)


def system_surroundings(clock: Clock, notifications: Notifications, allowed: Iterable[str]) -> Surroundings:
    """This machine's: its resolver, environment and standard error. Raises BadAllowList."""
    guard = Guard(AllowList(allowed), system_resolver())
    return Surroundings(
        clock=clock,
        outgoing=Outgoing(guard, clock),
        notifications=notifications,
        console=_write_to_standard_error,
        environment=os.environ,
    )


def _write_to_standard_error(text: str) -> None:
    """In one go, so that lines of the log don't come in between."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
