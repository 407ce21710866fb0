"""The values of a dimension side by side: each one's figures and traffic in a window, and in the one before it."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from chatvitals.catalogue.dimensions import DIMENSION_NAMES
from chatvitals.catalogue.metrics import Metric
from chatvitals.errors import BadRequest
from chatvitals.query.buckets import Steps
from chatvitals.query.build import Grouping
from chatvitals.query.figures import Figure, Group, GroupKey, Source, ask
from chatvitals.query.presence import ABSENT, Presence, who_was_there
from chatvitals.query.request import Question, Window
from chatvitals.query.snapshot import TOGETHER_MS

_NOTHING = Group()


class Standing(NamedTuple):
    """How one value fared in a window: its figures by path, and its traffic."""

    figures: Mapping[str, Figure]
    presence: Presence


class Comparison(NamedTuple):
    """One value of a dimension in a window and in the one before; None where that isn't kept any more."""

    key: str
    now: Standing
    before: Standing | None


def absent(metrics: Iterable[Metric]) -> Standing:
    """How one that wasn't seen at all stands."""
    return Standing({metric.path: _NOTHING.figure(metric) for metric in metrics}, ABSENT)


def stand(source: Source, question: Question, metrics: Iterable[Metric], by: str) -> dict[str, Standing]:
    """How every value of `by` that was seen in the window fared. Raises BadRequest, EngineError."""
    return _read(source, question, tuple(metrics), Grouping(columns=(_dimension(by),)), (0,))[0]


def compare(source: Source, question: Question, metrics: Iterable[Metric], by: str) -> list[Comparison]:
    """How every value of `by` that was seen in the window, or in the one before, fared in both; most sessions first.

    Raises BadRequest, EngineError.
    """
    metrics, window = tuple(metrics), question.window
    before = window.previous()
    if source.rollups.outlived_raw(before.start_ms):
        now, earlier = stand(source, question, metrics, by), None
    elif window.length_ms > TOGETHER_MS:
        now = stand(source, question, metrics, by)
        earlier = stand(source, question.over(before), metrics, by)
    else:
        both = question.over(Window(before.start_ms, window.end_ms))
        grouping = Grouping(Steps(window.length_ms), (_dimension(by),))
        earlier, now = _read(source, both, metrics, grouping, (0, 1))
    nothing = absent(metrics)
    compared = [
        Comparison(key, now.get(key, nothing), earlier.get(key, nothing) if earlier is not None else None)
        for key in now.keys() | (earlier or {}).keys()
    ]
    return sorted(compared, key=lambda one: (-one.now.presence.sessions, one.key))


def _dimension(name: str) -> str:
    if name not in DIMENSION_NAMES:
        raise BadRequest(f"there is no dimension {name[:40]!r}: give one of {', '.join(DIMENSION_NAMES)}", "by")
    return name


def _read(
    source: Source, question: Question, metrics: tuple[Metric, ...], grouping: Grouping, buckets: tuple[int, ...]
) -> list[dict[str, Standing]]:
    groups = ask(source, question, metrics, grouping)
    presences = who_was_there(source, question, grouping)
    return [
        {
            key[0]: Standing(_figures(groups, (place, key), metrics), presence)
            for (place, key), presence in presences.items()
            if place == bucket
        }
        for bucket in buckets
    ]


def _figures(groups: Mapping[GroupKey, Group], place: GroupKey, metrics: tuple[Metric, ...]) -> dict[str, Figure]:
    group = groups.get(place, _NOTHING)
    return {metric.path: group.figure(metric) for metric in metrics}
