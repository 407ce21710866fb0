"""The route tree of its written form, with everything that is wrong in it that types can't say."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from chatvitals.alerting.conversion import Path, did_you_mean
from chatvitals.alerting.durations import parse_duration, say_duration
from chatvitals.alerting.routing.form import EscalationForm, RouteForm
from chatvitals.alerting.routing.matchers import BadMatcher, Matcher, parse_matcher
from chatvitals.alerting.routing.routes import EVERY_LABEL, Escalation, Route
from chatvitals.catalogue.severities import Severity

Flaw = tuple[Path, str]
"""Which part, and what is wrong with it."""

_DAY_MS = 86_400_000
_BOUNDS_MS = {
    "groupWait": (0, 3_600_000),
    "groupInterval": (1_000, _DAY_MS),
    "repeatInterval": (60_000, 31 * _DAY_MS),
    "after": (1_000, 7 * _DAY_MS),
}
_LABEL = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,99}")


def check_tree(root: RouteForm, receivers: Collection[str], intervals: Collection[str]) -> Iterator[Flaw]:
    """Every flaw of a route tree, but for what `check_reach` finds."""
    if root.match:
        yield ("match",), "the outermost route takes everything: put matchers into one of its routes"
    if root.continue_:
        yield ("continue",), "there is nothing beside the outermost route to go on to"
    yield from _check_route(root, receivers, intervals)


def check_reach(route: RouteForm) -> Iterator[Flaw]:
    """Which of the routes below one nothing ever reaches."""
    for place, child in enumerate(route.routes):
        for earlier, taker in enumerate(route.routes[:place]):
            if not taker.continue_ and set(taker.match) <= set(child.match):
                yield (
                    ("routes", place),
                    f"is never reached: routes[{earlier}] takes all that it would take. Put it before that one, or give"
                    " that one `continue: true`",
                )
                break
        for path, message in check_reach(child):
            yield ("routes", place, *path), message


def build_tree(root: RouteForm, defaults: Route) -> Route:
    """The tree of a form that has no flaws; what the root leaves out is as in `defaults`."""
    return _build(root, defaults, ())


def check_matchers(texts: Sequence[str]) -> Iterator[Flaw]:
    """What is wrong with each of some matchers."""
    for place, text in enumerate(texts):
        try:
            parse_matcher(text)
        except BadMatcher as error:
            yield (place,), str(error)


def build_matchers(texts: Sequence[str]) -> tuple[Matcher, ...]:
    """The matchers of texts that have no flaws."""
    return tuple(map(parse_matcher, texts))


def check_labels(names: Sequence[str]) -> Iterator[Flaw]:
    """What is wrong with each of some names of labels."""
    for place, name in enumerate(names):
        if not _LABEL.fullmatch(name):
            yield (place,), f"{name!r} is no name of a label"
        elif name in names[:place]:
            yield (place,), f"{name} is there already"


def unknown(what: str, name: str, known: Collection[str]) -> str:
    """That there is nothing of this name, and which name may be meant."""
    return f"there is no {what} {name!r}{did_you_mean(name, known)}"


def _check_route(route: RouteForm, receivers: Collection[str], intervals: Collection[str]) -> Iterator[Flaw]:
    if route.receiver is not None and route.receiver not in receivers:
        yield ("receiver",), unknown("receiver", route.receiver, receivers)
    for name, names in (("activeTimes", route.active_times), ("muteTimes", route.mute_times)):
        for place, interval in enumerate(names):
            if interval not in intervals:
                yield (name, place), unknown("time interval", interval, intervals)
    yield from _below("match", check_matchers(route.match))
    if route.group_by is not None and route.group_by != (EVERY_LABEL,):
        yield from _below("groupBy", check_labels(route.group_by))
    for name, text in (
        ("groupWait", route.group_wait),
        ("groupInterval", route.group_interval),
        ("repeatInterval", route.repeat_interval),
    ):
        yield from _check_length(name, text)
    yield from _below("escalate", _check_escalations(route.escalate or (), receivers))
    for place, child in enumerate(route.routes):
        for path, message in _check_route(child, receivers, intervals):
            yield ("routes", place, *path), message


def _below(name: str, flaws: Iterator[Flaw]) -> Iterator[Flaw]:
    for path, message in flaws:
        yield (name, *path), message


def _check_length(name: str, text: str | None) -> Iterator[Flaw]:
    least_ms, most_ms = _BOUNDS_MS[name]
    if text is not None and not least_ms <= parse_duration(text) <= most_ms:
        yield (name,), f"has to be from {say_duration(least_ms)} to {say_duration(most_ms)}"


def _check_escalations(escalations: Sequence[EscalationForm], receivers: Collection[str]) -> Iterator[Flaw]:
    for place, step in enumerate(escalations):
        before = escalations[:place]
        if step.receiver not in receivers:
            yield (place, "receiver"), unknown("receiver", step.receiver, receivers)
        elif any(step.receiver == earlier.receiver for earlier in before):
            yield (place, "receiver"), f"{step.receiver} is told by an earlier step already"
        if before and parse_duration(step.after) <= parse_duration(before[-1].after):
            yield (place, "after"), "has to be longer than that of the step before"
        for path, message in _check_length("after", step.after):
            yield (place, *path), message


def _build(form: RouteForm, above: Route, way: tuple[str, ...]) -> Route:
    escalations = above.escalations if form.escalate is None else tuple(map(_escalation, form.escalate))
    route = replace(
        above,
        way=way,
        receiver=above.receiver if form.receiver is None else form.receiver,
        matchers=build_matchers(form.match),
        group_by=above.group_by if form.group_by is None else form.group_by,
        group_wait_ms=_length(form.group_wait, above.group_wait_ms),
        group_interval_ms=_length(form.group_interval, above.group_interval_ms),
        repeat_interval_ms=_length(form.repeat_interval, above.repeat_interval_ms),
        at_once=above.at_once if form.at_once is None else _severity(form.at_once),
        escalations=escalations,
        active_times=form.active_times,
        mute_times=form.mute_times,
        goes_on=form.continue_,
        routes=(),
    )
    return replace(route, routes=tuple(_build_below(form.routes, route)))


def _build_below(forms: Sequence[RouteForm], above: Route) -> Iterator[Route]:
    seen: dict[str, int] = {}
    for form in forms:
        step = ", ".join(map(str, build_matchers(form.match))) or "everything"
        seen[step] = seen.get(step, 0) + 1
        numbered = step if seen[step] == 1 else f"{step} ({seen[step]})"
        yield _build(form, above, (*above.way, numbered))


def _escalation(form: EscalationForm) -> Escalation:
    return Escalation(parse_duration(form.after), form.receiver)


def _length(text: str | None, above_ms: int) -> int:
    return above_ms if text is None else parse_duration(text)


def _severity(text: str) -> Severity | None:
    return None if text == "never" else Severity(text)
