"""`chatvitals rules`."""

from collections.abc import Iterator
from pathlib import Path

from cyclopts import App
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from chatvitals.alerting.configuration import Configuration, files_of, read_files
from chatvitals.alerting.documents import BadDocuments
from chatvitals.alerting.durations import say_duration
from chatvitals.alerting.rule import Absence, Degradation, Rule, Threshold
from chatvitals.alerting.rules.defaults import default_rules
from chatvitals.catalogue.metrics import METRICS_BY_PATH
from chatvitals.catalogue.units import in_words
from chatvitals.errors import BadRequest

rules = App(name="rules", help="Check alert rules, and try them before they go live.")
rules.command("chatvitals.cli.rules_test:rules_test", name="test", help="Run tests of rules.")
rules.command("chatvitals.cli.rules_backtest:rules_backtest", name="backtest", help="Try rules on history.")


@rules.command(name="check")
def check_rules(*files: Path) -> None:
    """Check files with rules, receivers and routes, together as they would be in one folder. Ends with 1 on mistakes.

    Parameters
    ----------
    files
        YAML files, or folders of them.
    """
    console = Console(highlight=False, soft_wrap=True)
    try:
        configuration = read_files([(path, str(path)) for path in _expand(files)], default_rules())
    except BadDocuments as bad:
        for mistake in bad.mistakes:
            console.print(escape(str(mistake)))
        console.print(f"[red]{len(bad.mistakes)} mistake{'' if len(bad.mistakes) == 1 else 's'}[/]")
        raise SystemExit(1) from bad
    if configuration.rules:
        console.print(_table(configuration))
    count, receivers = len(configuration.rules), ", ".join(sorted(configuration.routing.receivers))
    console.print(f"no mistakes; {count} rule{'' if count == 1 else 's'}; receivers: {escape(receivers)}")


def _expand(paths: tuple[Path, ...]) -> Iterator[Path]:
    """The files, and those in the folders. Raises BadRequest where there is none, and BadDocuments."""
    if not paths:
        raise BadRequest("name the files to check, as `chatvitals rules check alerts/*.yaml`")
    for path in paths:
        if not path.exists():
            raise BadRequest(f"there is no file {path}")
        yield from files_of(path) if path.is_dir() else [path]


def _table(configuration: Configuration) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("rule", no_wrap=True)
    table.add_column("is bad when", overflow="fold")
    table.add_column("looks", no_wrap=True)
    table.add_column("by")
    for filed in configuration.rules:
        rule = filed.rule
        table.add_row(
            rule.name if rule.enabled else f"{rule.name} (off)",
            f"{rule.metric} is {say_condition(rule)}",
            f"{say_duration(rule.window_ms)} each {say_duration(rule.every_ms)}",
            ", ".join(rule.by) or "(all)",
        )
    return table


def say_condition(rule: Rule) -> str:
    """When a rule is bad, in a few words."""
    match rule.condition:
        case Threshold(side=side, levels=levels):
            unit = METRICS_BY_PATH[rule.metric].unit
            return ", ".join(f"{side} {in_words(bound, unit)}: {severity}" for severity, bound in levels.items())
        case Degradation(levels=levels, baseline=baseline, earlier_ms=earlier_ms):
            than = f"{say_duration(earlier_ms)} earlier" if earlier_ms is not None else f"baseline {baseline}"
            worse = ", ".join(f"{percent:g}%: {severity}" for severity, percent in levels.items())
            return f"worse than {than} by {worse}"
        case Absence(severity=severity):
            return f"absent: {severity}"
