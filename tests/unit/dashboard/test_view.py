from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatvitals.dashboard.view import DEFAULT_WINDOW_MS, PRESETS, View, own_parameters, read_view, segment
from chatvitals.errors import BadRequest
from chatvitals.query.request import FILTERABLE, Window

NOW_MS = 1_790_000_000_000
HOUR_MS = 3_600_000


def read(query: str) -> View:
    return read_view(parse_qsl(query, keep_blank_values=True))


def again(view: View) -> View:
    """The view that a link to it says."""
    return read(urlsplit(view.href("/dashboard/x")).query)


_texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
_ranges = st.tuples(st.integers(0, NOW_MS), st.integers(1, 400 * 24 * HOUR_MS)).map(
    lambda pair: Window(pair[0], pair[0] + pair[1])
)
_views = st.builds(
    View,
    window_ms=st.integers(1_000, 400 * 24 * HOUR_MS),
    range=st.none() | _ranges,
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns"]),
    filters=st.dictionaries(st.sampled_from(FILTERABLE), st.lists(_texts, min_size=1, max_size=3).map(tuple)),
    compare=st.sampled_from(["", "before", "week"]),
)


@given(_views)
def test_a_link_to_a_view_is_that_view(view: View) -> None:
    assert again(view) == (view if view.moves else replace(view, window_ms=DEFAULT_WINDOW_MS))


def test_the_default_view_needs_no_words() -> None:
    assert read("") == View()
    assert View().href("/dashboard/performance") == "/dashboard/performance"
    assert View().href("/dashboard/performance", tab="memory", page=None) == "/dashboard/performance?tab=memory"


def test_a_form_s_empty_fields_say_nothing() -> None:
    assert read("from=&to=&customer=&browser=Safari+17&tz=UTC&compare=") == View(filters={"browser": ("Safari 17",)})


def test_a_window_moves_and_a_range_stays() -> None:
    assert read("window=300000").window(NOW_MS) == Window(NOW_MS - 300_000, NOW_MS)
    fixed = read("from=2026-01-01T00:00:00Z&to=2026-01-01T01:00:00Z")
    assert not fixed.moves
    assert fixed.window(NOW_MS) == Window(1_767_225_600_000, 1_767_229_200_000)


def test_times_without_a_zone_are_the_view_s() -> None:
    berlin = read("from=2026-07-01T10:00&to=2026-07-01T11:00&tz=Europe/Berlin")
    assert berlin.range == read("from=2026-07-01T08:00:00Z&to=2026-07-01T09:00:00Z").range
    winter = read("from=2026-01-01T10:00&to=2026-01-01T11:00&tz=Europe/Berlin")
    assert winter.range == read("from=2026-01-01T09:00:00Z&to=2026-01-01T10:00:00Z").range


def test_what_a_view_is_compared_with() -> None:
    view = View(window_ms=HOUR_MS)
    week = 7 * 24 * HOUR_MS
    assert view.compared(NOW_MS) is None
    assert view.comparing("before").compared(NOW_MS) == Window(NOW_MS - 2 * HOUR_MS, NOW_MS - HOUR_MS)
    assert view.comparing("week").compared(NOW_MS) == Window(NOW_MS - HOUR_MS - week, NOW_MS - week)


def test_variations_keep_the_rest() -> None:
    view = read("window=300000&customer=acme&tz=Europe/Berlin")
    assert view.where("browser", "Safari 17").filters == {"customer": ("acme",), "browser": ("Safari 17",)}
    assert view.where("customer").filters == {}
    assert view.over(HOUR_MS) == View(filters={"customer": ("acme",)}, zone="Europe/Berlin")
    assert view.between(1, 2).over(HOUR_MS).moves


def test_the_api_is_asked_for_the_same() -> None:
    view = read("window=300000&customer=a%26b&compare=week")
    assert view.api_href("/api/monitoring/series", NOW_MS, metric="m") == (
        "/api/monitoring/series?metric=m&window=300000&customer=a%26b"
    )
    assert view.between(5, 9).api_href("/api", NOW_MS) == "/api?from=5&to=9&customer=a%26b"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("window=never", "window"),
        ("window=5", "window"),
        ("tz=Mars/Olympus", "tz"),
        ("tz=../../etc/passwd", "tz"),
        ("tz=%00", "tz"),
        ("compare=month", "compare"),
        ("from=2026-01-01", "to"),
        ("to=2026-01-01", "from"),
        ("from=2026-01-02&to=2026-01-01", "to"),
        ("from=1971-01-01&to=2026-01-01", "from"),
        ("from=yesterday&to=2026-01-01", "from"),
    ],
)
def test_what_cannot_be_read_names_its_field(query: str, field: str) -> None:
    with pytest.raises(BadRequest) as refused:
        read(query)
    assert refused.value.field == field


def test_a_page_s_own_parameters_are_the_others() -> None:
    assert own_parameters(parse_qsl("window=5&tab=alerts&sort=-loss&browser=x")) == {"tab": "alerts", "sort": "-loss"}


def test_a_path_s_part_holds_anything() -> None:
    assert segment("a/b?c #ä") == "a%2Fb%3Fc%20%23%C3%A4"


def test_presets_are_in_order() -> None:
    assert [length for length, _ in PRESETS] == sorted(length for length, _ in PRESETS)
