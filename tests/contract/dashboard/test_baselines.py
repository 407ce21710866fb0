"""Baselines: capturing them now, and the list."""

import pytest
from tests.contract.history import store
from tests.contract.telling import told
from tests.support.dashboard import act, render_page
from tests.support.reading import read

from chatvitals.dashboard.parts import Parts
from chatvitals.errors import BadRequest, NotFound
from chatvitals.store.events.embedded import EmbeddedEngine

PATH = "/dashboard/baselines"


def text(parts: Parts) -> str:
    return read(render_page(parts, PATH).html).text


def test_none_yet(parts: Parts) -> None:
    assert "No baselines yet" in text(parts)
    assert "Captured only when asked for." in text(parts)


def test_captured_listed_and_taken_back(engine: EmbeddedEngine, parts: Parts) -> None:
    site = store(engine, [told("render", renderTime=8.0, contentLength=1, messageCount=1) for _ in range(20)])
    done = act(parts, PATH, {"name": "calm", "window": "1h", "site": site})
    assert done.said == "Captured 2 baselines as calm"
    seen = text(parts)
    assert "calm just now by tester 1 site, 1 release, over 1 h" in seen
    assert f"{site}, all releases" in seen
    assert f"{site}, 4.1.0" in seen
    assert done.undo is not None
    assert act(parts, done.undo.path, done.undo.fields).said == "Forgot 2 baselines"
    assert "No baselines yet" in text(parts)
    with pytest.raises(NotFound):
        act(parts, done.undo.path, done.undo.fields)


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"name": "not so", "window": "1h"}, "name", "up to 64 letters"),
        ({"name": "x", "window": "soon"}, "window", "a length of time"),
        ({"name": "x", "window": "1s"}, "window", "from 1m to 400d"),
        ({"window": "1h"}, "name", "'name' is missing"),
        ({"name": "x", "window": "1h", "site": "nobody"}, None, "there is nothing to capture"),
    ],
)
def test_what_can_not_be_captured(parts: Parts, fields: dict[str, str], field: str | None, said: str) -> None:
    with pytest.raises(BadRequest, match=said) as refused:
        act(parts, PATH, fields)
    assert refused.value.field == field
