from collections import Counter

import pytest
from tests.unit.simulator.world import START_MS

from chatvitals.catalogue.dimensions import DIMENSION_NAMES
from chatvitals.simulator.dice import Dice
from chatvitals.simulator.fleet import HOUR_MS, Fleet
from chatvitals.simulator.releases import NEXT


def test_traffic_follows_zipfs_law() -> None:
    fleet, dice = Fleet(1, 50, START_MS, daily_rhythm=False), Dice(1)
    seen = Counter(fleet.visitor(0, dice).customer.name for _ in range(20_000))
    ranked = [seen[customer.name] for customer in fleet.customers]
    assert ranked[0] / ranked[1] == pytest.approx(2, rel=0.15)
    assert ranked[0] / ranked[9] == pytest.approx(11, rel=0.25)
    assert len(seen) == 50


def test_the_daily_rhythm_has_a_mean_of_one_and_moves_traffic_around_the_world() -> None:
    fleet = Fleet(1, 20, START_MS, daily_rhythm=True)
    day = [fleet.activity(hour * HOUR_MS) for hour in range(-24, 0)]
    assert sum(day) / 24 == pytest.approx(1, abs=0.01)
    assert max(day) > 1.2
    assert min(day) < 0.8


def test_without_rhythm_the_fleet_is_always_the_same() -> None:
    fleet = Fleet(1, 20, START_MS, daily_rhythm=False)
    assert {fleet.activity(hour * HOUR_MS) for hour in range(24)} == {1.0}


def test_the_next_release_is_rolled_out_over_time() -> None:
    fleet, dice = Fleet(1, 5, START_MS, daily_rhythm=False), Dice(1)
    shares = [
        sum(fleet.visitor(hour * HOUR_MS, dice).release is NEXT for _ in range(1_000)) / 1_000
        for hour in (-30, -6, -1, 2, 5)
    ]
    assert shares == sorted(shares)
    assert shares[0] == 0
    assert shares[2] == pytest.approx(0.3, abs=0.06)
    assert shares[-1] == 1


def test_every_visitor_has_values_that_the_fleet_knows() -> None:
    fleet, dice = Fleet(1, 5, START_MS, daily_rhythm=False), Dice(1)
    for _ in range(500):
        for dimension, value in fleet.visitor(0, dice).dimensions().items():
            assert value in fleet.values(dimension)
    assert all(fleet.values(dimension) for dimension in DIMENSION_NAMES)
