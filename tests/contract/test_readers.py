from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chatvitals.errors import EngineError
from chatvitals.store.events.embedded import DATABASE
from chatvitals.store.events.readers import Readers

SOON_S = 10


@pytest.mark.usefixtures("engine")
def test_who_waits_for_a_connection_waits_no_more_when_they_are_closed(store_directory: Path) -> None:
    readers = Readers(str(store_directory), DATABASE, 1, ())

    def wait() -> None:
        with readers.one():
            raise AssertionError("the only connection is lent")

    with ThreadPoolExecutor() as threads:
        with readers.one():
            waiting = [threads.submit(wait) for _ in range(3)]
            assert not readers.close(0.01)
        for one in waiting:
            with pytest.raises(EngineError, match="being closed"):
                one.result(SOON_S)


@pytest.mark.usefixtures("engine")
def test_who_comes_after_that_is_told_at_once(store_directory: Path) -> None:
    readers = Readers(str(store_directory), DATABASE, 2, ())
    assert readers.close(SOON_S)
    for _ in range(3):
        with pytest.raises(EngineError, match="being closed"), readers.one():
            raise AssertionError("there is no connection any more")
