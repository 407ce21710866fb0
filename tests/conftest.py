"""What tests of every folder share."""

from collections.abc import Iterator
from itertools import count

import pytest
from tests.support.server import Server, make_sites

POOL = 32
"""How many sites the shared server has; each test that asks for one gets its own."""


ANYONE = "anyone"
"""A site of the shared server for tests that don't look at what is in it."""


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that tests share: they neither end it nor fill it, and use sites of their own."""
    data = tmp_path_factory.mktemp("shared") / "data"
    make_sites(data, [ANYONE, *(f"site-{number}" for number in range(POOL))])
    with Server(data, flush_interval_ms=100, commit_interval_ms=1, body_timeout_s=3) as running:
        yield running


@pytest.fixture(scope="session")
def _site_numbers() -> Iterator[int]:
    return count()


@pytest.fixture
def site(_site_numbers: Iterator[int]) -> str:
    """A site of the shared server that no other test writes to."""
    number = next(_site_numbers)
    assert number < POOL, "make the pool of sites larger"
    return f"site-{number}"
