"""One events engine for all tests here, since a process can open only one; tests keep to sites of their own."""

from collections.abc import Iterator

import pytest

from chatvitals.store.events.embedded import EmbeddedEngine
from chatvitals.store.events.migrate import migrate


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedEngine]:
    opened = EmbeddedEngine(tmp_path_factory.mktemp("events"))
    migrate(opened)
    yield opened
    opened.close()
