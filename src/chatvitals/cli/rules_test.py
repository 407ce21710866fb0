"""`chatvitals rules test`."""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from chatvitals.alerting.documents import BadDocuments, Mistake
from chatvitals.alerting.durations import say_duration
from chatvitals.alerting.observation import Key
from chatvitals.alerting.rule import Rule
from chatvitals.alerting.rules.defaults import default_rules
from chatvitals.alerting.state import Status
from chatvitals.alerting.trial.files import read_trial_file
from chatvitals.alerting.trial.run import Came, Difference, run
from chatvitals.alerting.trial.trial import Trial, Wanted
from chatvitals.catalogue.metrics import METRICS_BY_PATH
from chatvitals.catalogue.severities import Severity
from chatvitals.catalogue.units import in_words
from chatvitals.errors import BadRequest


def rules_test(*files: Path) -> None:
    """Run tests of rules: given the course of a metric, are the alerts as wanted? Ends with 1 where they aren't.

    Parameters
    ----------
    files
        YAML files with tests, and rules or the names of files with rules.
    """
    console = Console(highlight=False, soft_wrap=True)
    tests = failed = 0
    for file, trials in _read(files).items():
        console.print(f"[bold]{escape(str(file))}[/]")
        for trial in trials:
            differences = run(trial)
            for line in _report(trial, differences):
                console.print(line)
            tests += 1
            failed += bool(differences)
    console.print(f"{tests} test{'' if tests == 1 else 's'}, {f'[red]{failed} failed[/]' if failed else 'all passed'}")
    if failed:
        raise SystemExit(1)


def _read(files: tuple[Path, ...]) -> dict[Path, list[Trial]]:
    """The tests of all files. Raises BadDocuments with the mistakes of all, and BadRequest where there is no file."""
    if not files:
        raise BadRequest("there is nothing to test: name the files, as `chatvitals rules test rules_test.yaml`")
    trials: dict[Path, list[Trial]] = {}
    mistakes: list[Mistake] = []
    for file in files:
        try:
            trials[file] = read_trial_file(file, default_rules())
        except BadDocuments as bad:
            mistakes += bad.mistakes
    if mistakes:
        raise BadDocuments(mistakes)
    return trials


def _report(trial: Trial, differences: list[Difference]) -> Iterator[str]:
    yield f"  [{'red]✗' if differences else 'green]✓'}[/] {escape(trial.name)}"
    for moment, own in groupby(differences, key=lambda difference: difference.moment):
        yield f"      line {moment.line}, at {say_duration(moment.at_ms)}"
        for difference in own:
            if difference.wanted is not None:
                yield f"        wanted   {escape(say_wanted(difference.came.rule, difference.wanted))}"
                yield f"        came     {escape(say_came(difference.came))}"
            else:
                yield f"        too many {escape(say_came(difference.came))}"


def say_wanted(rule: Rule, wanted: Wanted) -> str:
    """An alert as it should be, in words."""
    return f"{_name(rule, wanted.key)} {_say_status(wanted.status, wanted.severity, wanted.unknown)}"


def say_came(came: Came) -> str:
    """An alert as it was, in words, with what its rule saw last."""
    state, verdict = came.state, came.verdict
    said = f"{_name(came.rule, came.key)} {_say_status(state.status, state.severity, state.unknown or None)}"
    if verdict is None:
        return f"{said}: nothing was ever seen of it"
    if verdict.reason:
        return f"{said}: {verdict.reason}"
    unit = METRICS_BY_PATH[came.rule.metric].unit
    value = "nothing" if verdict.value is None else in_words(verdict.value, unit)
    threshold = "" if verdict.threshold is None else f", threshold {in_words(verdict.threshold, unit)}"
    change = "" if verdict.change is None else f", {in_words(verdict.change, '%')} worse"
    return f"{said}: it saw {value}{threshold}{change}"


def _name(rule: Rule, key: Key) -> str:
    labels = ", ".join(f'{name}="{value}"' for name, value in zip(rule.by, key, strict=True) if value)
    return f"{rule.name}{{{labels}}}"


def _say_status(status: Status, severity: Severity | None, unknown: bool | None) -> str:
    data = {None: "", True: ", with too little data", False: ", with enough data"}[unknown]
    return f"{status}{f' {severity}' if severity else ''}{data}"
