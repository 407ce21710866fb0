import pytest
from tests.unit.simulator.world import START_MS

from chatvitals.simulator.faults.plan import FaultPlanError, PlannedFault, check_values, parse_fault
from chatvitals.simulator.faults.table import FAULTS
from chatvitals.simulator.fleet import Fleet


def test_the_one_line_form_says_everything() -> None:
    plan = parse_fault("slow-render, at=30s, for=5m, share=0.5, release=2.4.1, browser=Chrome")
    assert plan == PlannedFault(FAULTS["slow-render"], 30_000, 300_000, 0.5, {"release": "2.4.1", "browser": "Chrome"})


def test_a_name_alone_strikes_everybody_from_the_start_on() -> None:
    plan = parse_fault("jank")
    assert plan == PlannedFault(FAULTS["jank"])
    assert [plan.active(at_ms) for at_ms in (-1, 0, 1e12)] == [False, True, True]


@pytest.mark.parametrize(("text", "at_ms"), [("250ms", 250), ("1.5m", 90_000), ("-2h", -7_200_000), ("1d", 864e5)])
def test_times_have_units_and_may_lie_in_the_backfill(text: str, at_ms: float) -> None:
    assert parse_fault(f"jank,at={text}").at_ms == at_ms


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("slow-rendering", ["'slow-rendering'", *FAULTS]),
        ("", ["possible are", "jank"]),
        ("jank,when=3s", ["'when=3s'", "at=TIME", "share=0..1", "customer", "country"]),
        ("jank,soon", ["'soon'", "for=TIME"]),
        ("jank,release=", ["'release='"]),
        ("jank,at=3", ["at=3", "ms, s, m, h, d"]),
        ("jank,at=inf", ["at=inf"]),
        ("jank,for=-3s", ["for=-3s", "longer than 0"]),
        ("jank,share=2", ["share=2", "at most 1"]),
        ("jank,share=nan", ["share=nan"]),
        ("jank,share=half", ["share=half"]),
        ("jank,os=iOS,os=macOS", ["os is given twice"]),
    ],
)
def test_what_is_not_understood_is_answered_with_what_is_possible(text: str, words: list[str]) -> None:
    with pytest.raises(FaultPlanError) as refused:
        parse_fault(text)
    assert all(word in str(refused.value) for word in words)


def test_a_value_that_the_fleet_does_not_have_is_refused() -> None:
    fleet = Fleet(1, 5, START_MS, daily_rhythm=False)
    check_values(parse_fault("jank,release=2.4.1,browser=Safari,page=/"), fleet)
    with pytest.raises(FaultPlanError, match=r"no release '2\.5'.*2\.3\.2, 2\.4\.0, 2\.4\.1"):
        check_values(parse_fault("jank,release=2.5"), fleet)


def test_a_browser_without_version_stands_for_all_versions() -> None:
    plan = parse_fault("jank,browser=Chrome")
    assert plan.matches({"browser": "Chrome 141"})
    assert not plan.matches({"browser": "Edge 141"})
    assert not parse_fault("jank,browser=Chrome 141").matches({"browser": "Chrome 140"})
