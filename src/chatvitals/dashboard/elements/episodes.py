"""How often a rule would have fired: the count in words, the episodes on a line of time, and as a table. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from chatvitals.alerting.backtest.backtest import RuleBacktest
from chatvitals.alerting.backtest.episodes import Episode
from chatvitals.alerting.durations import say_duration
from chatvitals.catalogue.units import in_words
from chatvitals.dashboard.elements.alert import SeverityMark, say_where, severity_mark
from chatvitals.dashboard.saying import count, digits, duration, plural

WIDTH = 1_000
"""Of the line of time, in its own units."""

HEIGHT = 24
MOST_LISTED = 20
_LEAST_WIDTH = 3.0
_HEIGHTS = {"info": 10, "warning": 14, "error": 19, "critical": 24}
"""A graver episode stands higher, so that it isn't told by colour alone."""

_TICKS = 4


@dataclass(frozen=True, slots=True)
class EpisodeBar:
    """An episode on the line of time; `words` tell it."""

    x: float
    y: float
    width: float
    height: float
    severity: str
    words: str


@dataclass(frozen=True, slots=True)
class TimeTick:
    """A moment on the line of time, `share` percent from its start."""

    share: float
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeRow:
    """An episode, which may be `going_on`; `figures` are its worst value and the threshold then."""

    start_ms: int
    lasted: str
    where: str
    severity: SeverityMark
    figures: str
    going_on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Firing:
    """What a rule would have done: in a sentence, with what to know of how that was found out, and episode by
    episode."""

    said: str
    notes: tuple[str, ...]
    bars: tuple[EpisodeBar, ...]
    ticks: tuple[TimeTick, ...]
    rows: tuple[EpisodeRow, ...]
    more: str


def show_firing(found: RuleBacktest, unit: str, live_every_ms: int, zone: tzinfo) -> Firing:
    """`unit` is of the rule's metric, `live_every_ms` how often it is evaluated live."""
    length_ms = found.end_ms - found.start_ms
    rest = found.fired - min(found.fired, MOST_LISTED)
    return Firing(
        said=_said(found, length_ms),
        notes=tuple(_notes(found, live_every_ms)),
        bars=tuple(_bar(episode, found, unit) for episode in found.episodes),
        ticks=tuple(_tick(place, found, zone) for place in range(_TICKS + 1)),
        rows=tuple(_row(episode, found, unit) for episode in reversed(found.episodes[-MOST_LISTED:])),
        more=f"and {count(rest)} before" if rest else "",
    )


def _said(found: RuleBacktest, length_ms: int) -> str:
    time = f"in the last {duration(length_ms)}"
    if not found.fired:
        return f"It would not have fired {time}."
    often = "once" if found.fired == 1 else f"{count(found.fired)} times"
    going_on = f", and {plural(found.firing_at_end, 'alert')} would fire now" if found.firing_at_end else ""
    return f"It would have fired {often} {time}, for {duration(found.firing_ms)} altogether{going_on}."


def _notes(found: RuleBacktest, live_every_ms: int) -> list[str]:
    notes = []
    if found.every_ms != live_every_ms:
        notes.append(
            f"Evaluated every {say_duration(found.every_ms)} here; live it is every {say_duration(live_every_ms)}."
        )
    if found.unknown is None:
        notes.append("Nothing was measured in this time, so it tells little.")
    elif found.unknown:
        notes.append(f"{digits(found.unknown)} % of what it looked at was too little data to judge.")
    return notes


def _place(moment_ms: int, found: RuleBacktest) -> float:
    return WIDTH * (moment_ms - found.start_ms) / max(1, found.end_ms - found.start_ms)


def _bar(episode: Episode, found: RuleBacktest, unit: str) -> EpisodeBar:
    start = _place(episode.start_ms, found)
    end = _place(found.end_ms if episode.end_ms is None else episode.end_ms, found)
    width = max(_LEAST_WIDTH, end - start)
    height = _HEIGHTS[episode.severity.value]
    row = _row(episode, found, unit)
    words = ", ".join(filter(None, (row.severity.name, row.where, row.lasted, row.figures)))
    return EpisodeBar(
        round(min(start, WIDTH - width), 2), HEIGHT - height, round(width, 2), height, episode.severity.value, words
    )


def _tick(place: int, found: RuleBacktest, zone: tzinfo) -> TimeTick:
    moment_ms = found.start_ms + (found.end_ms - found.start_ms) * place // _TICKS
    days = found.end_ms - found.start_ms > 2 * 86_400_000
    said = datetime.fromtimestamp(moment_ms / 1_000, UTC).astimezone(zone).strftime("%d %b" if days else "%H:%M")
    return TimeTick(100 * place / _TICKS, said)


def _row(episode: Episode, found: RuleBacktest, unit: str) -> EpisodeRow:
    end_ms = found.end_ms if episode.end_ms is None else episode.end_ms
    figures = [] if episode.peak is None else [f"at worst {in_words(episode.peak, unit)}"]
    if episode.threshold is not None:
        figures.append(f"threshold {in_words(episode.threshold, unit)}")
    return EpisodeRow(
        start_ms=episode.start_ms,
        lasted=duration(end_ms - episode.start_ms) or "0 s",
        where=say_where(episode.labels),
        severity=severity_mark(episode.severity),
        figures=", ".join(figures),
        going_on=episode.end_ms is None,
    )
