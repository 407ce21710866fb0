import pytest

from chatvitals.catalogue.dimensions import DIMENSION_NAMES, OVERFLOW
from chatvitals.dashboard.naming import explain, name_of


@pytest.mark.parametrize(
    ("dimension", "value", "name"),
    [
        ("customer", "acme", "acme"),
        ("customer", "", "no customer named"),
        ("customer", OVERFLOW, "other customers"),
        ("country", OVERFLOW, "other countries"),
        ("release", " ", " "),
    ],
)
def test_a_value_is_called_by_its_name_if_it_has_one(dimension: str, value: str, name: str) -> None:
    assert name_of(dimension, value) == name


@pytest.mark.parametrize("dimension", DIMENSION_NAMES)
def test_what_is_no_value_is_explained(dimension: str) -> None:
    assert explain(dimension, "acme") == ""
    assert explain(dimension, "") == f"Events that came without a {dimension}."
    assert "told apart" in explain(dimension, OVERFLOW)


def test_the_bucket_for_the_rest_tells_how_many_are_told_apart() -> None:
    told = "Of a site's customers the first 10,000 are told apart; these are all others."
    assert explain("customer", OVERFLOW) == told
