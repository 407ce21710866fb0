from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from tests.unit.events import events

from chatvitals.cli.import_events import _READERS, _typed, import_events
from chatvitals.errors import BadRequest


@given(event=events())
def test_a_row_of_texts_becomes_the_event_that_it_was(event: dict[str, Any]) -> None:
    """As a CSV export has it: booleans as words, no column for what is not there."""
    row = {name: _cell(value) for name, value in event.items()}
    again = msgspec.json.decode(_typed({**row, "customer": "17", "sample": "0.5"}))
    assert again == {**again, **event, "customer": "17", "sample": 0.5}


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()


def test_a_row_that_is_no_event_is_left_for_the_server_to_say() -> None:
    row = {"kind": "render", "timestamp": "soon"}
    assert msgspec.json.decode(_typed(row)) == row


def test_lines_are_read_without_their_ends(tmp_path: Path) -> None:
    file = tmp_path / "events.ndjson"
    file.write_bytes(b'{"a":1}\r\n{"a":2}\n\n{"a":3}')
    assert list(_READERS["ndjson"](file)) == [b'{"a":1}', b'{"a":2}', b"", b'{"a":3}']


@pytest.mark.parametrize("name", ["events.xls", "events"])
def test_a_file_that_does_not_tell_its_format_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    with pytest.raises(BadRequest, match="format"):
        import_events(tmp_path / name)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="no file"):
        import_events(tmp_path / "events.csv")
