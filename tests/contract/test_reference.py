"""Reference pages and the SDK's types say what the code does: they are made from it, and fresh."""

from pathlib import Path

import pytest
from tools.generate import pages


@pytest.mark.parametrize(("path", "text"), pages().items(), ids=lambda value: getattr(value, "name", ""))
def test_a_made_file_is_as_make_generate_writes_it(path: Path, text: str) -> None:
    assert path.read_text() == text, "run `make generate`"
