import pytest
from msgspec.structs import replace
from tests.support.timeline import make_incident

from chatvitals.dashboard.customers.incidents import past_table, touches
from chatvitals.dashboard.elements.table import Cell
from chatvitals.dashboard.view import View
from chatvitals.store.control.incidents import Blast

HOUR_MS = 3_600_000


@pytest.mark.parametrize(
    ("labels", "names", "touched"),
    [
        ({"customer": "acme"}, (), True),
        ({}, ("globex", "acme"), True),
        ({"customer": "globex"}, (), False),
        ({}, ("acme-two",), False),
        ({}, (), False),
    ],
)
def test_an_incident_touches_whom_it_is_about_or_names(
    labels: dict[str, str], names: tuple[str, ...], touched: bool
) -> None:
    incident = replace(make_incident("1", 0, **labels), blast=Blast(customer_names=names))
    assert touches(incident, "acme") is touched


def test_one_that_names_no_customer_does_not_touch_those_without_a_name() -> None:
    assert not touches(make_incident("1", 0), "")


def test_what_is_over_tells_its_gravest_and_how_long_it_was() -> None:
    incident = replace(make_incident("a/b", HOUR_MS, "error"), resolved_ms=3 * HOUR_MS)
    (row,) = past_table([incident], now_ms=9 * HOUR_MS, view=View(zone="Europe/Berlin")).rows
    assert row.href == "/dashboard/alerts/a%2Fb?tz=Europe%2FBerlin"
    assert row.cells[:4] == (
        Cell("Slow Message Renders"),
        Cell("error"),
        Cell(moment_ms=HOUR_MS),
        Cell("2 h"),
    )
