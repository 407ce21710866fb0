import pytest

from chatvitals.dashboard.saved.checking import flaws_of
from chatvitals.dashboard.saved.document import SavedView
from chatvitals.dashboard.saved.starters import STARTERS


@pytest.mark.parametrize("name", STARTERS)
def test_what_a_view_starts_with_has_no_flaw(name: str) -> None:
    assert list(flaws_of(SavedView(name="x", panels=STARTERS[name].panels))) == []
