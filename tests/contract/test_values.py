"""What filters offer, over a real engine."""

import pytest
from tests.contract.history import store
from tests.contract.telling import about, told

from chatvitals.errors import BadRequest
from chatvitals.query.values import Value, find_values
from chatvitals.store.events.embedded import EmbeddedEngine


@pytest.fixture(scope="module")
def site(engine: EmbeddedEngine) -> str:
    named = ["Acme", "acme", "acme", "zebra", "", "ÄCME 100%_'", "other"]
    return store(engine, [told("scroll", fps=60.0, customer=name) for name in named])


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("acme", [Value("acme", 2), Value("Acme", 1)]),
        ("äc", [Value("ÄCME 100%_'", 1)]),
        ("%", [Value("ÄCME 100%_'", 1)]),
        ("nobody", []),
    ],
)
def test_values_are_found_by_what_they_hold(engine: EmbeddedEngine, site: str, search: str, found: list[Value]) -> None:
    assert find_values(engine, about(site), "customer", search, 50).values == found


def test_those_with_the_most_events_come_first_and_no_more_than_asked_for(engine: EmbeddedEngine, site: str) -> None:
    assert find_values(engine, about(site), "customer", "", 2).values == [Value("acme", 2), Value("Acme", 1)]


def test_others_are_offered_beside_what_is_filtered(engine: EmbeddedEngine, site: str) -> None:
    question = about(site, {"customer": ("zebra",), "browser": ("Chrome 143",)})
    assert Value("acme", 2) in find_values(engine, question, "customer", "", 50).values
    assert find_values(engine, question, "browser", "", 50).values == [Value("Chrome 143", 1)]


def test_what_is_no_dimension_is_refused(engine: EmbeddedEngine, site: str) -> None:
    with pytest.raises(BadRequest, match="no dimension 'kind; drop'"):
        find_values(engine, about(site), "kind; drop", "", 50)
