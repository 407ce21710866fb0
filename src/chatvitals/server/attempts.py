"""Guesses at a secret: a few at once from an address, then one every so often."""

import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address

AT_ONCE = 5
EVERY_S = 10.0
_MOST = 10_000


class Attempts:
    """Counts wrong guesses in memory, those of the last addresses. Behind a proxy all come from one address."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._free_at_s: OrderedDict[str, float] = OrderedDict()
        """When an address will have all its guesses again."""

    def wait_s(self, address: str) -> float:
        """Seconds until the address may guess again; 0.0 if it may now."""
        full_s = self._free_at_s.get(_network(address), 0.0) - self._monotonic()
        return max(0.0, full_s - (AT_ONCE - 1) * EVERY_S)

    def failed(self, address: str) -> None:
        """The address guessed wrong."""
        network = _network(address)
        self._free_at_s[network] = max(self._free_at_s.get(network, 0.0), self._monotonic()) + EVERY_S
        self._free_at_s.move_to_end(network)
        if len(self._free_at_s) > _MOST:
            self._free_at_s.popitem(last=False)


def _network(address: str) -> str:
    """Whoever has one IPv6 address has the 2^64 beside it."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return str(int(parsed) >> 64) if isinstance(parsed, IPv6Address) else address
