"""The form for a silence, with what it would hide."""

import pytest
from tests.contract.dashboard.alerts import Desk
from tests.contract.telling import WINDOW
from tests.support.dashboard import act, render_page
from tests.support.reading import Read, read

from chatvitals.dashboard.parts import Parts
from chatvitals.errors import BadRequest, NotFound
from chatvitals.store.control.silences import Silence, SilenceStatus

PATH = "/dashboard/silences/new"
HOUR_MS = 3_600_000


def page(parts: Parts, query: str = "") -> Read:
    return read(render_page(parts, f"{PATH}?{query}").html)


def silences(parts: Parts) -> list[Silence]:
    return parts.silences.find((SilenceStatus.ACTIVE,), WINDOW.end_ms, 10)


def test_it_begins_with_what_an_alert_is_about(parts: Parts, desk: Desk) -> None:
    desk.open("a")
    html = render_page(parts, f"{PATH}?alert=a").html
    assert ">rule=slow-renders\nsite=shop\ncustomer=acme</textarea>" in html
    assert "It hides 1 open alert of 1, and would have hidden 1 alert of the 1 in the last 7 days." in read(html).text
    with pytest.raises(NotFound, match="there is no alert 'b'"):
        page(parts, "alert=b")


def test_the_preview_follows_the_matchers(parts: Parts, desk: Desk) -> None:
    desk.open("a")
    desk.open("b", site="blog", labels={"site": "blog"})
    assert "see here which of them are open now" in page(parts).text
    assert "It hides 1 open alert of 2" in page(parts, "matchers=site%3Dblog").text
    assert "It hides 0 open alerts of 2" in page(parts, "matchers=site%3Dblog%0Acustomer%3Dacme").text
    wrong = page(parts, "matchers=blog").text
    assert "'blog' is no matcher" in wrong
    assert "It hides" not in wrong
    assert "these hold for every incident" in page(parts, "matchers=site%3D~.*").text


def test_a_silence_is_added_and_taken_back(parts: Parts, desk: Desk) -> None:
    desk.open("a")
    fields = {"matchers": "site=shop\n\n customer = acme ", "lasts": "4h", "reason": " deploying ", "alert": "a"}
    done = act(parts, "/dashboard/silences", fields)
    assert (done.said, done.to) == ("Silenced for 4h: site=shop, customer=acme", "/dashboard/alerts/a")
    (silence,) = silences(parts)
    assert (silence.matchers, silence.reason, silence.author) == (("site=shop", "customer=acme"), "deploying", "tester")
    assert silence.ends_ms - silence.starts_ms == 4 * HOUR_MS
    assert done.undo is not None
    act(parts, done.undo.path, done.undo.fields)
    assert silences(parts) == []


def test_an_end_is_taken_back_with_another_silence_as_long(parts: Parts) -> None:
    act(parts, "/dashboard/silences", {"matchers": "site=shop", "lasts": "4h", "reason": "deploying"})
    (before,) = silences(parts)
    ended = act(parts, f"/dashboard/silences/{before.id}/end", {})
    assert ended.undo is not None
    act(parts, ended.undo.path, ended.undo.fields)
    (again,) = silences(parts)
    assert (again.matchers, again.ends_ms, again.reason) == (before.matchers, before.ends_ms, before.reason)
    assert act(parts, f"/dashboard/silences/{before.id}/end", {}).undo is None
    assert ">site=shop</textarea>" in render_page(parts, f"{PATH}?like={before.id}").html


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"matchers": "", "reason": "x"}, "a silence needs a matcher"),
        ({"matchers": "site", "reason": "x"}, "is no matcher"),
        ({"matchers": "site=shop", "reason": "  "}, "reason is empty"),
        ({"matchers": "site=shop", "reason": "x", "lasts": "100d"}, "at most 90d"),
        ({"matchers": "site=shop", "reason": "x", "lasts": "soon"}, "is no length of time"),
    ],
)
def test_what_can_not_be_is_refused(parts: Parts, fields: dict[str, str], said: str) -> None:
    with pytest.raises(BadRequest, match=said):
        act(parts, "/dashboard/silences", fields)
    assert silences(parts) == []


def test_a_silence_that_is_not_there(parts: Parts) -> None:
    with pytest.raises(NotFound, match="there is no silence 'x'"):
        act(parts, "/dashboard/silences/x/end", {})
