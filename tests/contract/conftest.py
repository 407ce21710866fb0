"""One events engine for all tests here, since a process can open only one; tests keep to sites of their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chatvitals.store.events.embedded import EmbeddedEngine
from chatvitals.store.events.migrate import migrate


@pytest.fixture(scope="session")
def store_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("it's the events")


@pytest.fixture(scope="session")
def engine(store_directory: Path) -> Iterator[EmbeddedEngine]:
    opened = EmbeddedEngine(store_directory)
    migrate(opened)
    yield opened
    opened.close()
