from typing import Any

import pytest
from msgspec.structs import replace
from tests.unit.alerting.backtest.rules import BY_CUSTOMER, MINUTE, SLOW

from chatvitals.alerting.backtest.accuracy import Accuracy, Labelled, measure_accuracy
from chatvitals.alerting.backtest.episodes import Episode
from chatvitals.alerting.rule import Rule
from chatvitals.catalogue.severities import Severity


def episode(start: int, end: int | None, **labels: str) -> Episode:
    return Episode(
        labels={"site": "demo", **labels},
        start_ms=start * MINUTE,
        end_ms=None if end is None else end * MINUTE,
        severity=Severity.WARNING,
    )


def incident(start: int, end: int, **labels: str) -> Labelled:
    return Labelled(start * MINUTE, end * MINUTE, labels)


def accuracy(episodes: list[Episode], incidents: list[Labelled], tolerance: int = 0, rule: Rule = SLOW) -> Accuracy:
    return measure_accuracy(rule, episodes, incidents, tolerance * MINUTE)


def test_precision_is_of_episodes_and_recall_of_incidents() -> None:
    found = accuracy(
        [episode(12, 15), episode(18, 25), episode(50, 55), episode(90, None)],
        [incident(10, 20), incident(30, 40), incident(95, 99)],
    )
    assert (found.episodes, found.true_episodes, found.precision) == (4, 3, 75)
    assert (found.incidents, found.found_incidents) == (3, 2)
    assert found.recall == pytest.approx(200 / 3)
    assert found.missed == (incident(30, 40),)
    assert found.delay_ms == 1 * MINUTE


def test_an_episode_that_was_there_before_is_found_without_delay() -> None:
    assert accuracy([episode(5, 60)], [incident(10, 20)]).delay_ms == 0


@pytest.mark.parametrize(
    ("start", "end", "tolerance", "meets"),
    [
        (20, 30, 0, True),
        (21, 30, 0, False),
        (21, 30, 1, True),
        (1, 10, 0, True),
        (1, 9, 0, False),
        (1, 9, 1, True),
        (12, 13, 0, True),
        (1, None, 0, True),
    ],
)
def test_they_meet_where_they_overlap_within_the_tolerance(
    start: int, end: int | None, tolerance: int, meets: bool
) -> None:
    assert accuracy([episode(start, end)], [incident(10, 20)], tolerance).recall == (100 if meets else 0)


@pytest.mark.parametrize(
    ("labels", "meets"),
    [
        ({}, True),
        ({"site": "demo"}, True),
        ({"customer": "acme"}, True),
        ({"site": "demo", "customer": "acme", "release": "2.4"}, True),
        ({"site": "other"}, False),
        ({"site": "demo", "customer": "globex"}, False),
    ],
)
def test_they_meet_where_no_label_contradicts(labels: dict[str, Any], meets: bool) -> None:
    found = accuracy([episode(10, 20, customer="acme")], [incident(10, 20, **labels)], rule=BY_CUSTOMER)
    assert (found.precision, found.recall) == ((100, 100) if meets else (0, 0))


def test_what_the_filters_leave_out_is_not_missed() -> None:
    filtered = replace(SLOW, filters={"release": ("2.4", "2.5")})
    incidents = [incident(10, 20, release="2.3"), incident(10, 20, release="2.4"), incident(10, 20)]
    assert accuracy([], incidents, rule=filtered).missed == tuple(incidents[1:])


def test_a_share_of_nothing_is_unknown() -> None:
    assert (accuracy([], [incident(1, 2)]).precision, accuracy([], [incident(1, 2)]).recall) == (None, 0)
    assert (accuracy([episode(1, 2)], []).precision, accuracy([episode(1, 2)], []).recall) == (0, None)
    assert accuracy([], []).delay_ms is None
