import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatvitals.dashboard.versions import newest_first


@pytest.mark.parametrize(
    "ordered",
    [
        ["2.10.0", "2.9.4", "2.9.3", "1.0.0"],
        ["1.0.0", "1.0.0-rc.1", "1.0.0-beta.11", "1.0.0-beta.2", "1.0.0-beta", "1.0.0-alpha.beta", "1.0.0-alpha.1"],
        ["v3", "2", "v1"],
        ["2.4.1", "2.4"],
    ],
)
def test_versions_in_the_order_of_semantic_versioning(ordered: list[str]) -> None:
    shuffled = random.Random(1).sample(ordered, len(ordered))
    assert newest_first(shuffled) == ordered


@given(st.lists(st.text(max_size=12), unique=True))
def test_any_names_have_one_order(names: list[str]) -> None:
    assert newest_first(names) == newest_first(reversed(names))
    assert sorted(newest_first(names)) == sorted(names)
