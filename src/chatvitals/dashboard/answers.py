"""The questions that the first screen answers: is anyone losing conversations, is it fast, is the rollout safe."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from chatvitals.catalogue.bands import Bands
from chatvitals.catalogue.dimensions import OVERFLOW
from chatvitals.catalogue.metrics import METRICS_BY_PATH
from chatvitals.dashboard.elements.grades import Grade, grade_figure
from chatvitals.dashboard.saying import count, plural, show
from chatvitals.dashboard.versions import newest_first
from chatvitals.query.comparison import Standing
from chatvitals.query.figures import Figure

_INCIDENTS = "persistence.dataLoss.incidents"
_MESSAGES = "persistence.dataLoss.messages"
_KEPT = {
    "persistence.operations.successRate": "operations succeed",
    "persistence.restoration.successRate": "sessions restored",
    "persistence.navigation.successRate": "page changes survived",
}
_KEEPING = {"persistence.restoration.wrongIdentities": "restored for the wrong person", **_KEPT}
_SPEED = {
    "performance.renders.p95Time": "render p95",
    "performance.scroll.avgFps": "scroll",
    "performance.tabSync.p95Latency": "tab sync p95",
    "persistence.restoration.avgDuration": "restore",
    "api.p95Duration": "API p95",
}
_ROLLOUT = {
    _INCIDENTS: "data-loss incidents",
    "persistence.operations.successRate": "operations succeed",
    "performance.renders.p95Time": "render p95",
    "api.errorRate": "API errors",
}
ROLLOUT_PATHS: tuple[str, ...] = tuple(_ROLLOUT)
"""By what a new release is held against the others."""

_FALLING: tuple[Grade, ...] = ("bad", "warning", "good")
_TOLD = 2
"""So many figures are told."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A question, the answer in a few words and how good it is, what it rests on, and where to read on."""

    id: str
    question: str
    grade: Grade
    said: str
    detail: str
    href: str


@dataclass(frozen=True, slots=True)
class Judge:
    """What is good: the bands by path, and how many samples are enough."""

    bands: Mapping[str, Bands]
    min_samples: int

    def grade(self, path: str, figure: Figure) -> Grade:
        """How good a figure is, where anything was seen at all."""
        return grade_figure(METRICS_BY_PATH[path], figure, self.bands.get(path), self.min_samples)

    def worst(self, names: Mapping[str, str], figures: Mapping[str, Figure]) -> tuple[Grade, str]:
        """The worst grade among some metrics, and the worst of them: "render p95 18.5 ms, scroll 52 fps".

        What is good is told only where all are.
        """
        grades = {path: self.grade(path, figures[path]) for path in names}
        known = sorted(
            (path for path in names if grades[path] in _FALLING), key=lambda path: _FALLING.index(grades[path])
        )
        if not known:
            return "unknown", ""
        grade = grades[known[0]]
        told = [path for path in known if grade == "good" or grades[path] != "good"]
        return grade, ", ".join(_said(path, names[path], figures[path]) for path in told[:_TOLD])


def answer_loss(judge: Judge, figures: Mapping[str, Figure], sessions: int, href: str, *, seen: bool) -> Answer:
    """Is anyone losing conversations? Unknown where nothing was `seen` at all, or nothing tells how they are kept: that
    no loss is known is good news only from widgets that would have told."""

    def answer(grade: Grade, said: str, detail: str) -> Answer:
        return Answer("loss", "Is anyone losing conversations?", grade, said, detail, href)

    if not seen:
        return answer("unknown", "Nobody was seen", "no events came in this window")
    if incidents := figures[_INCIDENTS].value:
        lost, touched = plural(figures[_MESSAGES].value or 0, "message"), count(figures[_INCIDENTS].sessions)
        return answer(
            "bad",
            f"Yes: {plural(incidents, 'incident')}",
            f"{lost} lost, in {touched} of {plural(sessions, 'session')}",
        )
    grade, worst = judge.worst(_KEEPING, figures)
    if grade in ("warning", "bad"):
        return answer(grade, "None known, but it may be", worst)
    if all(judge.grade(path, figures[path]) == "unknown" for path in _KEPT):
        return answer("unknown", "None known", f"in {plural(sessions, 'session')}; too little tells how they are kept")
    return answer("good", "None known", f"in {plural(sessions, 'session')}; {worst}")


def answer_speed(judge: Judge, figures: Mapping[str, Figure], href: str) -> Answer:
    """Is it fast?"""
    said = {"good": "Yes", "warning": "Not quite", "bad": "No"}
    grade, worst = judge.worst(_SPEED, figures)
    return Answer("speed", "Is it fast?", grade, said.get(grade, "Too little was measured"), worst, href)


def answer_rollout(judge: Judge, releases: Mapping[str, Standing], href: str) -> Answer:
    """Is the rollout safe? What was seen of the newest release, by its number, beside the most used of the others.

    That nothing is graded worse is no verdict, and so has no grade.
    """

    def answer(grade: Grade, said: str, detail: str) -> Answer:
        return Answer("rollout", "Is the rollout safe?", grade, said, detail, href)

    if not releases:
        return answer("unknown", "Nobody was seen", "no events came in this window")
    named = newest_first(name for name in releases if name not in ("", OVERFLOW))
    if not named:
        return answer("unknown", "No release is named", "the widget sends none with its events")
    newest, others = named[0], named[1:]
    standing = releases[newest]
    everyone = sum(one.presence.sessions for one in releases.values())
    part = f"{count(standing.presence.sessions)} of {plural(everyone, 'session')}"
    if standing.presence.sessions < judge.min_samples:
        return answer("unknown", f"Too early to tell for {newest}", part)
    if not others:
        grade, worst = judge.worst(_ROLLOUT, standing.figures)
        return answer("" if grade == "good" else grade, f"Only {newest} was seen", worst)
    usual = max(others, key=lambda name: releases[name].presence.sessions)
    worse = list(_worse(judge, standing, releases[usual]))
    if not worse:
        return answer("", f"Nothing graded worse on {newest} than on {usual}", f"it has {part}")
    grade = min((grade for grade, _ in worse), key=_FALLING.index)
    return answer(grade, f"Worse figures on {newest} than on {usual}", "; ".join(_sentences(worse)))


def _worse(judge: Judge, new: Standing, usual: Standing) -> Iterator[tuple[Grade, str]]:
    """The figures whose grade fell from one release to the other, and losses that more of its sessions have."""
    for path, name in _ROLLOUT.items():
        now, before = new.figures[path], usual.figures[path]
        grade, usual_grade = judge.grade(path, now), judge.grade(path, before)
        if path == _INCIDENTS:
            fell = _per_session(now, new) > _per_session(before, usual)
        else:
            fell = grade in _FALLING and usual_grade in _FALLING and _FALLING.index(grade) < _FALLING.index(usual_grade)
        if fell and path == _INCIDENTS:
            yield grade, f"{_said_of(now, new)} against {_said_of(before, usual)}"
        elif fell:
            yield grade, f"{_said(path, name, now)} against {show(before.value, METRICS_BY_PATH[path].unit).said}"


def _per_session(incidents: Figure, standing: Standing) -> float:
    return (incidents.value or 0) / max(1, standing.presence.sessions)


def _said_of(incidents: Figure, standing: Standing) -> str:
    return f"{plural(incidents.value or 0, 'loss', 'losses')} in {plural(standing.presence.sessions, 'session')}"


def _sentences(worse: Sequence[tuple[Grade, str]]) -> list[str]:
    return [said for _, said in worse[:_TOLD]]


def _said(path: str, name: str, figure: Figure) -> str:
    metric = METRICS_BY_PATH[path]
    shown = show(figure.value, metric.unit).said
    return f"{shown} {name}" if metric.unit in ("%", "count") else f"{name} {shown}"
