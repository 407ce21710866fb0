import pytest

from chatvitals.dashboard.elements.tabs import Choice
from chatvitals.errors import BadRequest

BY = Choice("by", {"browser": "Browser", "os": "System"})


def link(**own: str | int | None) -> str:
    return f"/page?{own}"


def test_the_first_value_is_the_default_and_not_said() -> None:
    assert BY.read({}) == "browser"
    assert (BY.said("browser"), BY.said("os")) == (None, "os")


def test_every_value_has_a_tab_and_the_chosen_one_is_current() -> None:
    tabs = BY.tabs("os", link)
    assert [(tab.words, tab.current) for tab in tabs] == [("Browser", False), ("System", True)]
    assert tabs[1].href == "/page?{'by': 'os'}"


def test_a_value_that_there_is_not_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(BadRequest, match="by is 'shoe': give one of browser, os"):
        BY.read({"by": "shoe"})
