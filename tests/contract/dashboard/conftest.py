"""Parts of a dashboard over the engine that tests share; the time is the end of the window that tests tell of."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.contract.dashboard.alerts import Desk
from tests.contract.telling import WINDOW
from tests.support.dashboard import dashboard_parts_over

from chatvitals.dashboard.parts import Parts
from chatvitals.store.events.embedded import EmbeddedEngine


@pytest.fixture
def parts(engine: EmbeddedEngine, tmp_path: Path) -> Iterator[Parts]:
    with dashboard_parts_over(engine, tmp_path, lambda: WINDOW.end_ms) as over:
        yield over


@pytest.fixture
def desk(
    parts: Parts,  # noqa: ARG001 - it makes the store
    tmp_path: Path,
) -> Iterator[Desk]:
    """Beside `parts`, over the same control store."""
    opened = Desk(tmp_path)
    yield opened
    opened.close()
