from typing import NamedTuple
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatvitals.dashboard.elements.shown import Shown
from chatvitals.dashboard.elements.table import (
    PAGE_ROWS,
    Cell,
    Column,
    Field,
    Row,
    SortLink,
    Table,
    arrange,
    cell_of,
    make_table,
)
from chatvitals.errors import BadRequest


class Shop(NamedTuple):
    name: str
    lost: float | None


FIELDS: tuple[Field[Shop], ...] = (
    Field("name", "Shop", lambda shop: Cell(shop.name), lambda shop: shop.name, "ascending", "left"),
    Field("lost", "Lost", lambda shop: Cell(str(shop.lost)), lambda shop: shop.lost, help="Messages lost"),
    Field("note", "Note", lambda _: Cell("!"), align="left"),
)
SHOPS = (Shop("b", None), Shop("A", 2), Shop("c", 7), Shop("d", 2))


def link(**own: str | int | None) -> str:
    return "?" + urlencode({name: value for name, value in own.items() if value is not None})


def names(**query: str) -> str:
    return "".join(shop.name for shop in arrange(SHOPS, FIELDS, "-lost", query).items)


def table(rows: int, **query: str) -> Table:
    shops = [Shop(f"{place:04}", place) for place in range(rows)]
    return make_table("Shops", FIELDS, arrange(shops, FIELDS, "-lost", query), link)


def test_unknown_values_come_last_in_either_direction() -> None:
    assert (names(), names(sort="lost")) == ("cAdb", "Adcb")


def test_text_is_sorted_without_regard_to_case() -> None:
    assert (names(sort="name"), names(sort="-name")) == ("Abcd", "dcbA")


@given(st.lists(st.one_of(st.none(), st.integers(0, 9)), max_size=PAGE_ROWS), st.sampled_from(["lost", "-lost"]))
def test_a_sorted_table_has_all_rows_and_what_is_alike_stays_in_its_order(values: list[int | None], sort: str) -> None:
    shops = [Shop(str(place), value) for place, value in enumerate(values)]
    found = arrange(shops, FIELDS, "-lost", {"sort": sort})
    assert {shop.name for shop in found.items} == {shop.name for shop in shops}
    known = [shop.lost for shop in found.items if shop.lost is not None]
    assert known == sorted(known, reverse=sort == "-lost")
    for value in {shop.lost for shop in found.items}:
        alike = [int(shop.name) for shop in found.items if shop.lost == value]
        assert alike == sorted(alike)


@pytest.mark.parametrize("sort", ["price", "note", "--lost", "-"])
def test_what_cannot_be_sorted_by_is_refused_with_what_can(sort: str) -> None:
    with pytest.raises(BadRequest, match="give one of name, lost, with a minus"):
        names(sort=sort)


@pytest.mark.parametrize("leaf", ["0", "-1", "x", "1.5", "9999999"])
def test_a_page_is_a_whole_number_from_1(leaf: str) -> None:
    with pytest.raises(BadRequest, match="leaf is"):
        names(leaf=leaf)


def test_a_column_sorts_the_way_that_suits_it_first_and_then_the_other() -> None:
    name, lost, note = table(3).columns
    assert name == Column("name", "Shop", "left", SortLink("?sort=name"))
    assert lost == Column("lost", "Lost", "right", SortLink("?sort=lost", "descending"), "Messages lost")
    assert note.sort is None
    assert table(3, sort="lost").columns[1].sort == SortLink("?", "ascending")  # the default needn't be said


def test_sorting_leads_back_to_the_first_page() -> None:
    name = table(250, leaf="3").columns[0]
    assert name.sort is not None
    assert name.sort.href == "?sort=name"


def test_a_short_table_has_no_pager() -> None:
    assert table(PAGE_ROWS).pager is None


@pytest.mark.parametrize(
    ("query", "first", "words", "previous", "following"),
    [
        ({}, "0249", "1–100 of 250", "", "?leaf=2"),
        ({"leaf": "2", "sort": "lost"}, "0100", "101–200 of 250", "?sort=lost", "?sort=lost&leaf=3"),
        ({"leaf": "3"}, "0049", "201–250 of 250", "?leaf=2", ""),
        ({"leaf": "77"}, "0049", "201–250 of 250", "?leaf=2", ""),
    ],
)
def test_a_long_table_is_cut_into_pages(
    query: dict[str, str], first: str, words: str, previous: str, following: str
) -> None:
    shown = table(250, **query)
    assert shown.rows[0].cells[0].text == first
    assert shown.pager is not None
    assert (shown.pager.words, shown.pager.previous, shown.pager.next) == (words, previous, following)


def test_rows_lead_to_what_they_are_about() -> None:
    shown = make_table("Shops", FIELDS, arrange(SHOPS[1:2], FIELDS, "name", {}), link, lambda shop: f"/{shop.name}")
    assert shown.rows == (Row((Cell("A"), Cell("2"), Cell("!")), "/A"),)


def test_nothing_is_one_empty_page() -> None:
    arranged = arrange((), FIELDS, "name", {"leaf": "2"})
    assert (arranged.items, arranged.page, arranged.pages) == ((), 1, 1)


def test_a_figure_becomes_a_cell_with_its_grade_in_words() -> None:
    assert cell_of(Shown("18.5", "ms", "18.523 ms", "warning"), share=40) == Cell(
        "18.5", "ms", "18.523 ms", grade="warning", word="warning", share=40
    )


def test_a_table_knows_whether_anything_in_it_takes_the_focus() -> None:
    columns, cells = (Column("name", "Shop"),), (Cell("a"),)
    assert not Table("Shops", columns, (Row(cells),)).has_links
    assert Table("Shops", columns, (Row(cells, "/a"),)).has_links
    assert Table("Shops", columns, (Row((Cell("a", href="/a"),)),)).has_links
    assert Table("Shops", (Column("name", "Shop", sort=SortLink("?sort=name")),), (Row(cells),)).has_links
