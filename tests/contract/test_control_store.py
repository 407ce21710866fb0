from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

from chatvitals.errors import BadRequest
from chatvitals.store.control.database import HEAD, open_database
from chatvitals.store.control.sites import Site, Sites
from chatvitals.store.control.tables import METADATA


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'control.sqlite'}"


@pytest.fixture
def database(url: str) -> Iterator[Engine]:
    opened = open_database(url)
    yield opened
    opened.dispose()


@pytest.fixture
def sites(database: Engine) -> Sites:
    return Sites(database, iter(range(1_000, 2_000)).__next__)


def test_the_head_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", "chatvitals.store.control:migrations")
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_the_migrations_make_the_tables(database: Engine) -> None:
    with database.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert context.get_current_revision() == HEAD
        assert compare_metadata(context, METADATA) == []


def test_opening_again_changes_nothing(url: str, sites: Sites) -> None:
    sites.ensure_site("acme")
    again = open_database(url)
    assert Sites(again, lambda: 0).all() == sites.all()
    again.dispose()


def test_what_is_committed_survives_a_lost_machine(database: Engine) -> None:
    with database.connect() as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(text("PRAGMA synchronous")) == 2
        assert connection.scalar(text("PRAGMA foreign_keys")) == 1


def test_a_site_is_made_once_and_keeps_its_salt(sites: Sites) -> None:
    sites.ensure_site("acme")
    (before,) = sites.all()
    sites.ensure_site("acme", ("https://elsewhere.example",))
    assert sites.all() == [before]
    assert len(before.salt) == 32


def test_sites_have_salts_of_their_own(sites: Sites) -> None:
    for name in ("globex", "acme"):
        sites.ensure_site(name)
    acme, globex = sites.all()
    assert (acme.name, globex.name) == ("acme", "globex")
    assert acme.salt != globex.salt


def test_origins_are_replaced(sites: Sites) -> None:
    sites.ensure_site("acme")
    sites.set_origins("acme", ("https://acme.example", "http://localhost:3000"))
    (site,) = sites.all()
    assert site.allowed_origins == ("https://acme.example", "http://localhost:3000")


@pytest.mark.parametrize(
    ("origin", "may"),
    [
        ("https://acme.example", True),
        ("http://acme.example", False),
        ("https://acme.example:8443", False),
        ("https://acme.example.evil.example", False),
        ("https://sub.acme.example", False),
        ("null", False),
        ("", False),
    ],
)
def test_only_allowed_origins_may_write(origin: str, may: bool) -> None:
    assert Site("acme", b"", ("https://acme.example",)).allows(origin) is may
    assert Site("acme", b"", ("*",)).allows(origin)


def test_a_key_is_made_listed_and_revoked_once(sites: Sites) -> None:
    sites.ensure_site("acme")
    first, second = sites.add_key("acme", "web"), sites.add_key("acme")
    assert first.key.startswith("cvw_")
    assert first.key != second.key
    assert sites.all_keys() == [first, second]
    assert sites.revoke_key(first.key)
    assert not sites.revoke_key(first.key)
    assert not sites.revoke_key("nobody's")
    assert [key.revoked_ms is None for key in sites.all_keys()] == [False, True]


def test_a_key_that_is_added_again_lives_again(sites: Sites) -> None:
    sites.ensure_site("acme")
    sites.add_key("acme", key="demo-key")
    sites.revoke_key("demo-key")
    sites.add_key("acme", key="demo-key")
    assert [key.revoked_ms for key in sites.all_keys()] == [None]


def test_a_key_needs_a_site(sites: Sites) -> None:
    with pytest.raises(BadRequest, match="no site"):
        sites.add_key("nobody")
