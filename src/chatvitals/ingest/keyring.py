"""Which key writes to which site, kept at hand and refreshed from the control store."""

import time
from collections.abc import Callable

from chatvitals.errors import Forbidden, Unauthorised
from chatvitals.store.control.sites import Site, Sites

REFRESH_S = 3.0
"""A key that is made or revoked by another process counts after at most this long."""


class Keyring:
    """Looks keys up in memory. `monotonic` is a clock in seconds."""

    def __init__(self, sites: Sites, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._sites = sites
        self._monotonic = monotonic
        self._by_key: dict[str, Site] = {}
        self._revoked: set[str] = set()
        self._by_name: dict[str, Site] = {}
        self.refresh()

    def refresh(self) -> None:
        """Read all sites and keys anew."""
        self._by_name = {site.name: site for site in self._sites.all()}
        keys = self._sites.all_keys()
        self._by_key = {key.key: self._by_name[key.site] for key in keys if key.revoked_ms is None}
        self._revoked = {key.key for key in keys if key.revoked_ms is not None}
        self._fresh_until = self._monotonic() + REFRESH_S

    def site_of(self, key: str | None) -> Site:
        """The site that a key writes to. Raises Unauthorised where there is no such key, Forbidden when revoked."""
        if self._monotonic() > self._fresh_until:
            self.refresh()
        if not key:
            raise Unauthorised("no write key: send it as `key` in the body or in the X-Chatvitals-Key header")
        site = self._by_key.get(key)
        if site is None:
            if key in self._revoked:
                raise Forbidden("this write key was revoked: use a living key of the site")
            raise Unauthorised("this write key is not known: `chatvitals keys` lists the living ones")
        return site

    def site_named(self, name: str) -> Site | None:
        """A site by its name."""
        if self._monotonic() > self._fresh_until:
            self.refresh()
        return self._by_name.get(name)
