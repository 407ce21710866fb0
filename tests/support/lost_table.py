"""Takes the embedded store's directory of a table away and gives it back: inserts fail, whoever runs the tests."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_UUID = re.compile(r"UUID '([0-9a-f-]{36})'")


@contextmanager
def lost_table(store: Path, table: str) -> Iterator[None]:
    """While this lasts, a plain file lies where the table's parts should be, so that none can be written there."""
    (definition,) = {path.resolve() for path in store.rglob(f"{table}.sql")}
    named = _UUID.search(definition.read_text())
    assert named is not None
    parts = store / "store" / named[1][:3] / named[1]
    aside = parts.rename(parts.with_name("aside"))
    parts.touch()
    try:
        yield
    finally:
        parts.unlink()
        aside.rename(parts)
