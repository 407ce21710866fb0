from collections.abc import Iterable, Mapping

import pytest
from msgspec.structs import replace
from tests.unit.alerting.backtest.rules import BY_CUSTOMER, MINUTE, SLOW, START_MS

from chatvitals.alerting.backtest import episodes as episodes_module
from chatvitals.alerting.backtest.backtest import replay
from chatvitals.alerting.backtest.episodes import Episode, Episodes
from chatvitals.alerting.observation import Key, Observation
from chatvitals.alerting.rule import Degradation, Rule, Side, Threshold
from chatvitals.catalogue.severities import Severity
from chatvitals.errors import BadRequest

WARNING, CRITICAL = Severity.WARNING, Severity.CRITICAL


def seen(value: float | None, reference: float | None = None) -> Observation:
    return Observation(value, 0 if value is None else 100, 10, reference=reference)


def episodes(rule: Rule, moments: Iterable[Mapping[Key, Observation]]) -> list[Episode]:
    gathered = Episodes(rule)
    for ticked in replay(rule, ((START_MS + place * MINUTE, seen) for place, seen in enumerate(moments))):
        gathered.add(ticked.values())
    return gathered.all()


def of_site(rule: Rule, values: Iterable[float | None]) -> list[Episode]:
    return episodes(rule, ({("demo",): seen(value)} for value in values))


def at(minute: int) -> int:
    return START_MS + minute * MINUTE


def test_an_episode_goes_from_opening_to_resolution_and_knows_its_worst() -> None:
    assert of_site(SLOW, [10, 20, 30, 22, 10, 10, 18]) == [
        Episode(labels={"site": "demo"}, start_ms=at(1), end_ms=at(4), severity=CRITICAL, peak=30, threshold=25),
        Episode(labels={"site": "demo"}, start_ms=at(6), end_ms=None, severity=WARNING, peak=18, threshold=16),
    ]


def test_the_worst_is_the_least_where_low_is_bad() -> None:
    low = replace(SLOW, condition=Threshold(Side.BELOW, {WARNING: 98.0}, recovery=99.0))
    assert [episode.peak for episode in of_site(low, [99, 97, 90, 95, None, 99])] == [90]


def test_the_worst_of_a_degradation_is_where_it_was_worst_against_its_reference() -> None:
    worse = replace(SLOW, condition=Degradation({WARNING: 20.0}, recovery=15.0, earlier_ms=3_600_000))
    courses = [(130, 100), (500, 400), (90, 60)]
    (found,) = episodes(worse, ({("demo",): seen(value, reference)} for value, reference in courses))
    assert found.peak == 90
    assert found.threshold == pytest.approx(72)


def test_keys_have_episodes_of_their_own_in_the_order_of_their_starts() -> None:
    bad, good = seen(20), seen(10)
    found = episodes(
        BY_CUSTOMER,
        [
            {("demo", "b"): bad, ("demo", "a"): good},
            {("demo", "b"): bad, ("demo", "a"): bad},
            {("demo", "b"): good},
        ],
    )
    assert [(episode.labels["customer"], episode.start_ms, episode.end_ms) for episode in found] == [
        ("b", at(0), at(2)),
        ("a", at(1), None),
    ]


def test_what_was_never_measured_has_no_worst_value() -> None:
    found = episodes(SLOW, [{("demo",): seen(20)}, {}, {}])
    assert [(episode.peak, episode.end_ms) for episode in found] == [(20, None)]


def test_too_many_episodes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(episodes_module, "MAX_EPISODES", 3)
    assert len(of_site(SLOW, [20, 10] * 3)) == 3
    with pytest.raises(BadRequest, match="slow would have fired more than 3 times"):
        of_site(SLOW, [20, 10] * 4)
