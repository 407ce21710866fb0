"""What can be wrong with a rule that is well-formed: everything that its types can't say."""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from urllib.parse import urlsplit

from chatvitals.alerting.conversion import Path, did_you_mean
from chatvitals.alerting.durations import parse_duration, say_duration
from chatvitals.alerting.rule import PLACEHOLDER, PLACEHOLDERS
from chatvitals.alerting.rules.building import MAX_LASTING_MS
from chatvitals.alerting.rules.form import Bounds, DegradationForm, RuleForm, ThresholdForm
from chatvitals.catalogue.measures import MEASURES_BY_NAME
from chatvitals.catalogue.metrics import METRICS_BY_PATH, Metric
from chatvitals.query.request import FILTERABLE

Flaw = tuple[Path, str]
"""Which part of the rule, and what is wrong with it."""

DETAILS_BESIDES_METRICS = ("threshold", "errorsByType")
KINDS_WITH_ERROR_TYPES = ("persistence", "loss")
RESERVED_LABELS = ("rule", "category", "severity", "alertname", *FILTERABLE)

_SECOND_MS = 1_000
_DAY_MS = 86_400_000
MAX_WINDOW_MS = 31 * _DAY_MS
MAX_EARLIER_MS = 90 * _DAY_MS
MAX_INTERVALS_PER_WINDOW = 10_000


def check_rule(form: RuleForm) -> Iterator[Flaw]:
    """Every flaw of a rule."""
    metric = METRICS_BY_PATH.get(form.metric)
    yield from check_metric(form.metric)
    yield from _check_dimensions(form)
    yield from _check_times(form)
    yield from _check_condition(form, metric)
    yield from _check_needs(form)
    yield from _check_labels(form)
    yield from _check_words(form)
    yield from _check_details(form, metric)


def check_metric(path: str) -> Iterator[Flaw]:
    """The flaw of a rule's metric, if it has one. It can be told without the rest of the rule."""
    if path not in METRICS_BY_PATH:
        yield ("metric",), _unknown("metric", path, METRICS_BY_PATH)


def _unknown(what: str, name: str, known: Iterable[str]) -> str:
    return f"there is no {what} {name[:80]!r}{did_you_mean(name, known)}"


def _unknown_dimension(name: str) -> str:
    guess = did_you_mean(name, FILTERABLE) or f"; there are {', '.join(FILTERABLE)}"
    return f"there is no dimension {name[:80]!r}{guess}"


def _check_dimensions(form: RuleForm) -> Iterator[Flaw]:
    for place, dimension in enumerate(form.by):
        if dimension not in FILTERABLE:
            yield ("by", place), _unknown_dimension(dimension)
        elif dimension in form.by[:place]:
            yield ("by", place), f"{dimension} is there already"
    for dimension in form.filters:
        if dimension not in FILTERABLE:
            yield ("filters", dimension), _unknown_dimension(dimension)


def _check_times(form: RuleForm) -> Iterator[Flaw]:
    window_ms, every_ms = parse_duration(form.window), parse_duration(form.every)
    lengths = (
        ("window", window_ms, _SECOND_MS, MAX_WINDOW_MS),
        ("every", every_ms, _SECOND_MS, _DAY_MS),
        ("for", parse_duration(form.for_), 0, MAX_LASTING_MS),
        ("keepFiringFor", parse_duration(form.keep_firing_for or "0"), 0, MAX_LASTING_MS),
    )
    wrong = [(name, least, most) for name, length, least, most in lengths if not least <= length <= most]
    for name, least_ms, most_ms in wrong:
        yield (name,), f"has to be from {say_duration(least_ms)} to {say_duration(most_ms)}"
    if {"window", "every"} & {name for name, *_ in wrong}:
        return
    if window_ms < every_ms:
        yield ("window",), "is shorter than every: what happens in between would never be looked at"
    elif window_ms > every_ms * MAX_INTERVALS_PER_WINDOW:
        least = say_duration(-(-window_ms // MAX_INTERVALS_PER_WINDOW // _SECOND_MS) * _SECOND_MS)
        yield ("every",), f"is too often for so long a window: give {least} or more"


def _check_condition(form: RuleForm, metric: Metric | None) -> Iterator[Flaw]:
    written = [name for name in ("threshold", "degradation", "absence") if getattr(form, name) is not None]
    if not written:
        yield (), "says not when it is bad: give it one of threshold, degradation, absence"
    for name in written[1:]:
        yield (name,), f"{written[0]} is there already: a rule has one of threshold, degradation, absence"
    if form.threshold is not None:
        for path, message in _check_threshold(form.threshold, metric):
            yield ("threshold", *path), message
    if form.degradation is not None:
        if metric is not None and metric.higher_is_better is None:
            yield ("degradation",), f"{metric.path} is neither better nor worse for being higher: give a threshold"
        for path, message in _check_degradation(form.degradation, parse_duration(form.window)):
            yield ("degradation", *path), message
    if form.absence is not None:
        known_ms, window_ms = parse_duration(form.absence.known), parse_duration(form.window)
        if not window_ms < known_ms <= MAX_WINDOW_MS:
            yield ("absence", "known"), f"has to be longer than the window, and up to {say_duration(MAX_WINDOW_MS)}"


def _check_threshold(written: ThresholdForm, metric: Metric | None) -> Iterator[Flaw]:
    if (written.above is None) == (written.below is None):
        yield (), "has bounds on one side: give either above or below"
        return
    if written.above is not None:
        yield from _check_order(("above",), written.above, 1)
        if written.recovery is not None and written.recovery > min(written.above.values()):
            yield ("recovery",), "is beyond the least grave bound: give that or less"
    if written.below is not None:
        yield from _check_order(("below",), written.below, -1)
        if written.recovery is not None and written.recovery < max(written.below.values()):
            yield ("recovery",), "is beyond the least grave bound: give that or more"
    if metric is not None and metric.unit == "%":
        for severity, bound in (written.above or {}).items():
            if bound >= 100:
                yield ("above", severity), f"{metric.path} is never above 100 %"
    for severity, bound in (written.below or {}).items():
        if metric is not None and bound <= 0:
            yield ("below", severity), f"{metric.path} is never below 0"


def _check_order(path: Path, bounds: Bounds, sign: int) -> Iterator[Flaw]:
    """Bounds have to be further out the graver they are."""
    by_gravity = sorted(bounds.items(), key=lambda level: level[0].rank)
    for (lesser, lesser_bound), (graver, bound) in pairwise(by_gravity):
        if sign * bound <= sign * lesser_bound:
            yield (*path, graver), f"is graver than {lesser}, so its bound has to lie beyond {lesser_bound:g}"


def _check_degradation(written: DegradationForm, window_ms: int) -> Iterator[Flaw]:
    if (written.baseline is None) == (written.earlier is None):
        yield (), "is compared with one thing: give either baseline or earlier"
    if written.earlier is not None and not window_ms <= parse_duration(written.earlier) <= MAX_EARLIER_MS:
        yield ("earlier",), f"has to be at least the window, and up to {say_duration(MAX_EARLIER_MS)}"
    for severity, percent in written.percent.items():
        if percent <= 0:
            yield ("percent", severity), "has to be above 0: it is by how much it has got worse"
    yield from _check_order(("percent",), written.percent, 1)
    if written.recovery is not None and not 0 <= written.recovery <= min(written.percent.values()):
        yield ("recovery",), "has to be from 0 to the least grave change"


def _check_needs(form: RuleForm) -> Iterator[Flaw]:
    if form.absence is not None:
        needs = {
            "minSamples": form.min_samples,
            "minSessions": form.min_sessions,
            "minCustomers": form.min_customers,
            "noData": form.no_data,
        }
        for name, given in needs.items():
            if given is not None:
                yield (name,), "says nothing in a rule about absence: leave it out"
        return
    least = form.min_customers or 0
    if least > 1 and "customer" in form.by:
        yield ("minCustomers",), "is more than 1, but by has an alert for each single customer"
    elif least > len(form.filters.get("customer", range(least))):
        yield ("minCustomers",), "is more than the filter on customer lets through"


def _check_labels(form: RuleForm) -> Iterator[Flaw]:
    for name in form.labels:
        if name in RESERVED_LABELS:
            yield ("labels", name), "is a label that alerts have already: choose another name"


def _check_words(form: RuleForm) -> Iterator[Flaw]:
    if form.runbook:
        yield from _check_link(form.runbook)
    known = (*PLACEHOLDERS, *form.by)
    for name in PLACEHOLDER.findall(form.message):
        if name not in known:
            guess = did_you_mean(name, known) or f"; there are {', '.join(known)}"
            yield ("message",), f"there is no placeholder {name[:40]!r}{guess}"
    if any(brace in PLACEHOLDER.sub("", form.message) for brace in "{}"):
        yield ("message",), "has a brace that begins or ends nothing: braces stand around placeholders only"


def _check_link(link: str) -> Iterator[Flaw]:
    try:
        parts = urlsplit(link)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and not any(c.isspace() for c in link)
    except ValueError:
        good = False
    if not good:
        yield ("runbook",), "is no address: write it as https://wiki.example.org/slow-renders"


def _check_details(form: RuleForm, metric: Metric | None) -> Iterator[Flaw]:
    for name, detail in form.details.items():
        path: Path = ("details", name) if isinstance(detail, str) else ("details", name, "metric")
        figure = detail if isinstance(detail, str) else detail.metric
        known = (*METRICS_BY_PATH, *DETAILS_BESIDES_METRICS)
        if figure not in known:
            yield path, _unknown("figure", figure, known)
        elif figure == "errorsByType":
            kind = None if metric is None or metric.per_session else MEASURES_BY_NAME[metric.measure].kind
            if kind not in KINDS_WITH_ERROR_TYPES and metric is not None:
                yield path, f"{metric.path} is not about operations or losses, whose errors have types"
            elif not isinstance(detail, str):
                yield path, "is no single number: give it without per"
