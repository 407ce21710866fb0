"""Reads tests of rules from a document, finding every mistake in them."""

from collections.abc import Iterable, Sequence

from chatvitals.alerting.conversion import Path, did_you_mean
from chatvitals.alerting.documents import BadDocuments, Document, Mistake
from chatvitals.alerting.durations import parse_duration
from chatvitals.alerting.rule import Rule
from chatvitals.alerting.trial.form import CapturedForm, CourseForm, MomentForm, TrialForm, WantedForm
from chatvitals.alerting.trial.observe import courses_of, key_of
from chatvitals.alerting.trial.trial import Captured, Course, Labels, Moment, Trial, Wanted
from chatvitals.alerting.trial.values import Values, parse_values
from chatvitals.catalogue.metrics import METRICS_BY_PATH
from chatvitals.errors import BadRequest
from chatvitals.query.request import FILTERABLE

SECTION = "tests"
MAX_TICKS = 1_000_000
"""Of a test, over all its rules."""


def read_trials(document: Document, rules: Sequence[Rule]) -> list[Trial]:
    """The tests of these rules in a document. Raises BadDocuments with every mistake of all of them."""
    reading = _Reading(document, rules)
    trials = [trial for path in document.items((SECTION,)) if (trial := reading.trial(path))]
    if not trials and not reading.mistakes:
        reading.refuse((SECTION,), "there are no tests")
    if reading.mistakes:
        raise BadDocuments(reading.mistakes)
    return trials


class _Reading:
    """Makes tests of the forms at their paths. `mistakes` are those found until now."""

    def __init__(self, document: Document, rules: Sequence[Rule]) -> None:
        self.mistakes: list[Mistake] = []
        self._document = document
        self._rules = {rule.name: rule for rule in rules}

    def refuse(self, path: Path, message: str) -> None:
        """Note a mistake."""
        self.mistakes.append(self._document.mistake(path, message))

    def trial(self, path: Path) -> Trial | None:
        """One test; None, or one that can't be used, where there are mistakes."""
        try:
            form: TrialForm = self._document.convert(path, TrialForm)
        except BadDocuments as bad:
            self.mistakes += bad.mistakes
            return None
        interval_ms = parse_duration(form.interval)
        if not interval_ms:
            self.refuse((*path, "interval"), "there has to be some time between the values, as 1m")
        moments = [self._moment(moment, (*path, "expect", place)) for place, moment in enumerate(form.expect)]
        trial = Trial(
            form.name,
            self._tested(form.rules, (*path, "rules")),
            interval_ms or 1,
            tuple(self._course(course, (*path, "series", place)) for place, course in enumerate(form.series)),
            tuple(self._captured(value, (*path, "baselines", place)) for place, value in enumerate(form.baselines)),
            tuple(sorted(moments, key=lambda moment: moment.at_ms)),
        )
        self._refuse_ambiguous(trial, path)
        self._refuse_untested(trial, path)
        self._refuse_too_long(trial, path)
        return trial

    def _tested(self, names: Iterable[str] | None, path: Path) -> tuple[Rule, ...]:
        """The rules that a test is about: all, where it names none."""
        if names is None:
            return tuple(self._rules.values())
        found = [self._rule(name, (*path, place)) for place, name in enumerate(names)]
        return tuple(rule for rule in found if rule)

    def _rule(self, name: str, path: Path) -> Rule | None:
        rule = self._rules.get(name)
        if rule is None:
            known = did_you_mean(name, self._rules) or f"; there are {', '.join(self._rules) or 'none'}"
            self.refuse(path, f"there is no rule {name[:64]!r}{known}")
        return rule

    def _course(self, form: CourseForm, path: Path) -> Course:
        self._check_metric(form.metric, path)
        self._check_labels(form.labels, FILTERABLE, path)
        values = self._values(form.values, (*path, "values"))
        n, sessions, customers = (
            None if text is None else self._numbers(text, len(values), (*path, name))
            for name, text in (("n", form.n), ("sessions", form.sessions), ("customers", form.customers))
        )
        return Course(form.metric, form.labels, values, n, sessions, customers)

    def _captured(self, form: CapturedForm, path: Path) -> Captured:
        self._check_metric(form.metric, path)
        self._check_labels(form.labels, FILTERABLE, path)
        return Captured(form.name, form.metric, form.labels, form.value)

    def _moment(self, form: MomentForm, path: Path) -> Moment:
        wanted = [self._wanted(alert, (*path, "alerts", place)) for place, alert in enumerate(form.alerts)]
        line = self._document.mistake(path, "").line
        return Moment(parse_duration(form.at), tuple(alert for alert in wanted if alert), line)

    def _wanted(self, form: WantedForm, path: Path) -> Wanted | None:
        rule = self._rule(form.rule, (*path, "rule"))
        if rule is None:
            return None
        self._check_labels(form.labels, rule.by, path)
        return Wanted(rule.name, key_of(rule, form.labels), form.status, form.severity, form.unknown)

    def _values(self, text: str, path: Path) -> Values:
        try:
            return parse_values(text)
        except BadRequest as error:
            self.refuse(path, str(error))
            return ()

    def _numbers(self, text: str, count: int, path: Path) -> Values:
        """One for each of so many values; a single number is that of all."""
        numbers = self._values(text, path)
        return numbers * count if len(numbers) == 1 else numbers

    def _check_metric(self, metric: str, path: Path) -> None:
        if metric not in METRICS_BY_PATH:
            self.refuse((*path, "metric"), f"there is no metric {metric[:80]!r}{did_you_mean(metric, METRICS_BY_PATH)}")

    def _check_labels(self, labels: Labels, known: Sequence[str], path: Path) -> None:
        for name in labels:
            if name not in known:
                there_are = f"; there are {', '.join(known)}" if known else ""
                self.refuse((*path, "labels", name), f"there is no label {name[:64]!r} here{there_are}")

    def _refuse_ambiguous(self, trial: Trial, path: Path) -> None:
        """Figures of two series can't be made into one, so each alert has one at most."""
        for rule in trial.rules:
            keys = set()
            for course in courses_of(rule, trial.courses):
                key = key_of(rule, course.labels)
                if key in keys:
                    where = (*path, "series", trial.courses.index(course))
                    self.refuse(where, f"there is another series for the same alert of the rule {rule.name}")
                keys.add(key)

    def _refuse_untested(self, trial: Trial, path: Path) -> None:
        """What a test says of things that it doesn't try is a mistake in it."""
        for place, course in enumerate(trial.courses):
            looked_at = any(courses_of(rule, [course]) for rule in trial.rules)
            if not looked_at and course.metric in METRICS_BY_PATH:
                self.refuse((*path, "series", place), "none of the rules that are tested looks at this series")
        tested = {rule.name for rule in trial.rules}
        untested = {wanted.rule for moment in trial.moments for wanted in moment.alerts} - tested
        for name in sorted(untested):
            self.refuse((*path, "rules"), f"the rule {name}, of which alerts are expected, is not among these")

    def _refuse_too_long(self, trial: Trial, path: Path) -> None:
        end_ms = max(moment.at_ms for moment in trial.moments)
        ticks = sum(end_ms // rule.every_ms + 1 for rule in trial.rules)
        if ticks > MAX_TICKS:
            said = f"its rules are evaluated {ticks:,} times until then, and at most {MAX_TICKS:,} times are tried"
            self.refuse((*path, "expect"), f"{said}: name those that it is about with `rules`, or expect it earlier")
