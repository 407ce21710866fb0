from collections.abc import Iterator
from pathlib import Path

import pytest

from chatvitals.errors import Forbidden, Unauthorised
from chatvitals.ingest.keyring import REFRESH_S, Keyring
from chatvitals.store.control.database import open_database
from chatvitals.store.control.sites import Sites


class Seconds:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def sites(tmp_path: Path) -> Iterator[Sites]:
    database = open_database(f"sqlite:///{tmp_path / 'control.sqlite'}")
    sites = Sites(database, lambda: 1_000)
    for name in ("acme", "globex"):
        sites.ensure_site(name)
        sites.add_key(name, key=f"key-{name}")
    yield sites
    database.dispose()


def test_a_key_names_its_site(sites: Sites) -> None:
    keyring = Keyring(sites)
    assert keyring.site_of("key-acme").name == "acme"
    assert keyring.site_of("key-globex").name == "globex"


def test_a_site_may_have_several_keys(sites: Sites) -> None:
    second = sites.add_key("acme")
    assert Keyring(sites).site_of(second.key) == Keyring(sites).site_of("key-acme")


@pytest.mark.parametrize("key", [None, "", "unknown", "acme", "KEY-ACME", "key-acme "])
def test_without_a_known_key_nobody_writes(sites: Sites, key: str | None) -> None:
    with pytest.raises(Unauthorised):
        Keyring(sites).site_of(key)


def test_a_revoked_key_writes_no_more_and_is_told_so(sites: Sites) -> None:
    sites.revoke_key("key-acme")
    keyring = Keyring(sites)
    with pytest.raises(Forbidden, match="revoked"):
        keyring.site_of("key-acme")
    assert keyring.site_of("key-globex").name == "globex"


def test_what_another_process_changes_counts_within_seconds(sites: Sites) -> None:
    clock = Seconds()
    keyring = Keyring(sites, clock)
    sites.revoke_key("key-acme")
    sites.ensure_site("initech")
    sites.add_key("initech", key="new")
    clock.now += REFRESH_S + 0.1
    with pytest.raises(Forbidden):
        keyring.site_of("key-acme")
    assert keyring.site_of("new").name == "initech"


def test_within_these_seconds_the_control_store_is_not_asked(sites: Sites) -> None:
    clock = Seconds()
    keyring = Keyring(sites, clock)
    sites.revoke_key("key-acme")
    clock.now += REFRESH_S - 0.1
    assert keyring.site_of("key-acme").name == "acme"


def test_a_site_is_found_by_its_name(sites: Sites) -> None:
    found = Keyring(sites).site_named("acme")
    assert found is not None
    assert found.name == "acme"
    assert Keyring(sites).site_named("nobody") is None
