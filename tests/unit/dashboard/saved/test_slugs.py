import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatvitals.dashboard.saved.slugs import free_slug, is_slug


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Checkout", "checkout"),
        ("  Safari & storage: lost?  ", "safari-storage-lost"),
        ("Übersicht für Köln", "ubersicht-fur-koln"),
        ("監視", "view"),
        ("../../etc", "etc"),
        ("x" * 100, "x" * 64),
    ],
)
def test_a_slug_reads_like_the_name(name: str, slug: str) -> None:
    assert free_slug(name, ()) == slug


def test_what_is_taken_gets_a_number() -> None:
    assert free_slug("Checkout", {"checkout", "checkout-2", "checkout-4"}) == "checkout-3"
    assert free_slug("x" * 64, {"x" * 64}) == "x" * 59 + "-2"


@given(st.text(max_size=100), st.integers(0, 30))
def test_every_name_has_a_free_slug(name: str, times: int) -> None:
    taken: set[str] = set()
    for _ in range(times):
        slug = free_slug(name, taken)
        assert is_slug(slug)
        assert slug not in taken
        taken.add(slug)
