import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatvitals.dashboard.saved.document import Panel, PanelKind
from chatvitals.dashboard.saved.forms import (
    read_about,
    read_filters,
    read_panel,
    read_place,
    read_revision,
    read_written_panel,
    write_filters,
    write_panel,
)
from chatvitals.errors import BadRequest

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Zl", "Zp", "Cs")), min_size=1).filter(str.strip)
FILTERS = st.dictionaries(
    st.sampled_from(["browser", "customer", "release"]), st.lists(WORDS.map(str.strip), min_size=1).map(tuple)
)


def test_a_form_describes_a_panel() -> None:
    fields = {
        "metric": " api.errorRate ",
        "kind": "table",
        "width": "2",
        "title": "Failing calls",
        "by": "endpoint",
        "filters": "browser=Safari 17\r\n\r\nbrowser = Safari 18\r\ncustomer=a=b",
    }
    assert read_panel(fields) == Panel(
        metric="api.errorRate",
        kind=PanelKind.TABLE,
        width=2,
        title="Failing calls",
        by="endpoint",
        filters={"browser": ("Safari 17", "Safari 18"), "customer": ("a=b",)},
    )


def test_a_metric_may_be_named_by_its_title() -> None:
    assert read_panel({"metric": "api duration, P95"}) == Panel(metric="api.p95Duration")


def test_a_title_that_two_metrics_have_names_none() -> None:
    with pytest.raises(BadRequest, match="there is no metric 'Slow renders"):
        read_panel({"metric": "Slow renders (over 16 ms)"})


def test_only_a_table_is_broken_down() -> None:
    assert read_panel({"metric": "api.errorRate", "kind": "chart", "by": "customer"}).by == ""


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "metric: is missing"),
        ({"metric": "api.errorate"}, "did you mean 'api.errorRate'"),
        ({"metric": "api.errorRate", "kind": "chard"}, "kind: expected one of card, chart, table"),
        ({"metric": "api.errorRate", "width": "5"}, "width: expected a whole number, at least 1, at most 4"),
        ({"metric": "api.errorRate", "width": "wide"}, "width: expected a whole number"),
        ({"metric": "api.errorRate", "kind": "table"}, "by: is missing"),
        ({"metric": "api.errorRate", "filters": "browser"}, "line 1 is 'browser': write it as browser=Safari 17"),
        ({"metric": "api.errorRate", "filters": "\nbrowser="}, "line 2 is 'browser='"),
        ({"metric": "api.errorRate", "filters": "browsr=x"}, "did you mean 'browser'"),
        ({"metric": "api.errorRate", "filters": "browser=\0"}, "the form has a character that is no text"),
    ],
)
def test_a_mistake_is_told(fields: dict[str, str], said: str) -> None:
    with pytest.raises(BadRequest, match=said):
        read_panel(fields)


@given(FILTERS)
def test_filters_are_read_as_they_were_written(filters: dict[str, tuple[str, ...]]) -> None:
    assert read_filters(write_filters(filters)) == {name: list(values) for name, values in filters.items()}


@given(FILTERS, WORDS)
def test_a_panel_is_read_as_it_was_written(filters: dict[str, tuple[str, ...]], title: str) -> None:
    panel = Panel(id=7, metric="api.errorRate", kind=PanelKind.CHART, width=3, title=title[:100], filters=filters)
    assert read_written_panel(write_panel(panel)) == panel


def test_the_words_about_a_view_are_one_line() -> None:
    assert read_about({"name": " The\r\n checkout ", "description": "Ask  dana."}) == ("The checkout", "Ask dana.")
    with pytest.raises(BadRequest, match="name has a control character"):
        read_about({"name": "a\0b"})


def test_what_no_form_sends_is_refused() -> None:
    for text in ("", "[]", '{"metric": 5}', "\ud800"):
        with pytest.raises(BadRequest, match="can't be put back"):
            read_written_panel(text)
    for fields in ({}, {"revision": "x"}, {"revision": "-1"}):
        with pytest.raises(BadRequest, match="revision"):
            read_revision(fields)


def test_places_are_counted_from_one_in_forms() -> None:
    assert [read_place({"place": place}) for place in ("1", "3", "")] == [0, 2, 39]
    with pytest.raises(BadRequest, match="place"):
        read_place({"place": "first"})
