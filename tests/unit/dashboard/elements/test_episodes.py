from datetime import UTC
from typing import Any

from chatvitals.alerting.backtest.backtest import RuleBacktest
from chatvitals.alerting.backtest.episodes import Episode
from chatvitals.catalogue.severities import Severity
from chatvitals.dashboard.elements.episodes import HEIGHT, MOST_LISTED, WIDTH, Firing, show_firing

MINUTE = 60_000
HOUR = 60 * MINUTE
START = 1_767_268_800_000  # noon


def found(*episodes: Episode, hours: int = 24, **changes: Any) -> RuleBacktest:
    fields: dict[str, Any] = {
        "rule": "slow",
        "start_ms": START,
        "end_ms": START + hours * HOUR,
        "every_ms": MINUTE,
        "ticks": hours * 60,
        "unknown": 0.0,
        "fired": len(episodes),
        "fired_per_week": 0.0,
        "firing_ms": sum((one.end_ms or START + hours * HOUR) - one.start_ms for one in episodes),
        "firing_at_end": sum(one.end_ms is None for one in episodes),
        "episodes": episodes,
    }
    return RuleBacktest(**(fields | changes))


def episode(start_ms: int, end_ms: int | None, severity: Severity = Severity.WARNING) -> Episode:
    labels = {"site": "shop", "customer": "acme"}
    return Episode(labels=labels, start_ms=start_ms, end_ms=end_ms, severity=severity, peak=20.0, threshold=16.0)


def show(backtest: RuleBacktest) -> Firing:
    return show_firing(backtest, "ms", MINUTE, UTC)


def test_how_often_is_said_in_a_sentence() -> None:
    assert show(found()).said == "It would not have fired in the last 1 d."
    once = episode(START, START + 3 * MINUTE)
    assert show(found(once)).said == "It would have fired once in the last 1 d, for 3 min altogether."
    goes_on = episode(START + 23 * HOUR, None)
    said = show(found(once, goes_on)).said
    assert said == "It would have fired 2 times in the last 1 d, for 1 h 3 min altogether, and 1 alert would fire now."


def test_episodes_stand_where_they_were_and_higher_the_graver() -> None:
    shown = show(
        found(episode(START + 6 * HOUR, START + 12 * HOUR), episode(START + 18 * HOUR, None, Severity.CRITICAL))
    )
    first, last = shown.bars
    assert (first.x, first.width) == (WIDTH / 4, WIDTH / 4)
    assert last.x + last.width == WIDTH
    assert first.height < last.height == HEIGHT
    assert all(bar.y + bar.height == HEIGHT for bar in shown.bars)
    assert first.words == "warning, shop, customer acme, 6 h, at worst 20ms, threshold 16ms"


def test_a_short_episode_is_seen_and_stays_inside() -> None:
    (bar,) = show(found(episode(START + 24 * HOUR - 1, None))).bars
    assert bar.width > 1
    assert bar.x + bar.width <= WIDTH


def test_the_line_of_time_has_hours_or_days() -> None:
    assert [tick.words for tick in show(found()).ticks] == ["12:00", "18:00", "00:00", "06:00", "12:00"]
    days = show(found(hours=24 * 7)).ticks
    assert (days[0].words, days[-1].words, days[-1].share) == ("01 Jan", "08 Jan", 100.0)


def test_only_the_last_episodes_are_listed() -> None:
    many = [episode(START + number * MINUTE, START + number * MINUTE + 1) for number in range(MOST_LISTED + 2)]
    shown = show(found(*many))
    assert len(shown.rows) == MOST_LISTED
    assert shown.rows[0].start_ms == many[-1].start_ms
    assert shown.more == "and 2 before"


def test_what_makes_it_less_sure_is_told() -> None:
    assert show(found()).notes == ()
    assert show(found(unknown=None)).notes == ("Nothing was measured in this time, so it tells little.",)
    assert show(found(every_ms=5 * MINUTE, unknown=12.5)).notes == (
        "Evaluated every 5m here; live it is every 1m.",
        "12.5 % of what it looked at was too little data to judge.",
    )
