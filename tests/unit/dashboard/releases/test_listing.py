from collections.abc import Sequence

import pytest

from chatvitals.catalogue.metrics import HEALTH_WEIGHTS
from chatvitals.dashboard.elements.member import Member, assess_member, background_of, metrics_needed
from chatvitals.dashboard.elements.table import Cell
from chatvitals.dashboard.releases.listing import release_fields
from chatvitals.query.comparison import Comparison, absent
from chatvitals.query.sightings import Sighting


def choose(releases: Sequence[str]) -> str:
    return "+".join(releases) if all(releases) else ""


def release(name: str) -> Member:
    return assess_member("release", Comparison(name, absent(metrics_needed({})), None), HEALTH_WEIGHTS, {}, 10)


def cells_of(name: str, chosen: Sequence[str] = (), **sightings: Sighting) -> dict[str, Cell]:
    fields = release_fields(background_of([], {}, 10, ""), sightings, chosen, choose)
    return {field.key: field.cell(release(name)) for field in fields}


@pytest.mark.parametrize(
    ("name", "chosen", "text", "href"),
    [
        ("2", "1", "compare", "1+2"),
        ("2", "12", "take out", "1"),
        ("1", "1", "compared", ""),
        ("5", "1234", "–", ""),
        ("", "1", "–", ""),
    ],
)
def test_a_release_leads_into_the_comparison_or_out_of_it(name: str, chosen: str, text: str, href: str) -> None:
    cell = cells_of(name, chosen)["compare"]
    assert (cell.text, cell.href) == (text, href)


def test_where_there_is_no_way_into_it_the_reason_is_told() -> None:
    assert cells_of("5", "1234")["compare"].exact == "4 are compared already: take one out first"
    assert cells_of("", "1")["compare"].exact == "it has no name to ask for"


def test_first_and_last_sight_are_told_where_they_are_known() -> None:
    cells = cells_of("a", a=Sighting(1_000, 2_000))
    assert (cells["first"].moment_ms, cells["last"].moment_ms) == (1_000, 2_000)
    assert cells_of("b", a=Sighting(1_000, 2_000))["first"] == Cell("–")
