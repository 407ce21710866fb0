"""`chatvitals rules backtest`."""

import asyncio
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
from cyclopts import Parameter
from msgspec import Struct
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from chatvitals.alerting.backtest.backtest import RuleBacktest
from chatvitals.alerting.backtest.labels import read_labels
from chatvitals.alerting.configuration import text_of
from chatvitals.alerting.documents import parse
from chatvitals.alerting.durations import parse_duration, say_duration
from chatvitals.alerting.rule import Rule
from chatvitals.alerting.rules.building import form_of
from chatvitals.alerting.rules.defaults import default_rules
from chatvitals.alerting.rules.reading import read_rules
from chatvitals.catalogue.metrics import METRICS_BY_PATH
from chatvitals.catalogue.units import in_words
from chatvitals.cli.target import DEFAULT_URL, Data, RequestFailed, Token, Url, connected, streamed
from chatvitals.clock import system_clock
from chatvitals.errors import BadRequest

PATH = "/api/monitoring/rules/backtest"
_LINES = "application/x-ndjson"
_SHOWN_EPISODES = 20


def rules_backtest(
    file: Path,
    *,
    from_: Annotated[str, Parameter(name="--from")],
    to: str = "",
    rule: str = "",
    against: Path | None = None,
    labels: Path | None = None,
    tolerance: str = "",
    every: str = "",
    json: Annotated[bool, Parameter(negative=())] = False,
    url: Url = DEFAULT_URL,
    data: Data = None,
    token: Token = "",
) -> None:
    """Tell when a rule would have fired, how long, how often a week, and how well that meets labelled incidents.

    Parameters
    ----------
    file
        YAML file with the rule.
    from_
        Where to begin, as 2026-01-31T12:00:00Z, or how long ago, as 7d.
    to
        Where to end; now by default.
    rule
        Which of the file's rules, where it has several.
    against
        Another file, whose rule stands beside this one.
    labels
        CSV file of incidents: start,end and, where they are known, site, customer and other dimensions.
    tolerance
        How far apart an incident and an alert may be and still meet; the rule's window by default.
    every
        Evaluate so often instead of as often as live, as 1m: quicker, for rules that are evaluated every second.
    json
        Print the answer as JSON, with every episode.
    """
    rules = [_rule(path, rule) for path in (file, against) if path is not None]
    body: dict[str, Any] = {"rule": form_of(rules[0]), "from": _time(from_)}
    if against is not None:
        body["against"] = form_of(rules[1])
    if labels is not None:
        incidents = read_labels(text_of(labels, str(labels)), str(labels))
        body["incidents"] = [{"start": one.start_ms, "end": one.end_ms, "labels": one.labels} for one in incidents]
    body |= {name: text for name, text in (("tolerance", tolerance), ("every", every)) if text}
    body |= {"to": _time(to)} if to else {}
    tried = asyncio.run(_ask(msgspec.json.encode(body), url, data, token))
    if json:
        sys.stdout.write(f"{msgspec.json.format(msgspec.json.encode({'rules': tried})).decode()}\n")
        return
    console = Console(highlight=False)
    console.print(_side_by_side([file, *([against] if against else [])], tried))
    for one, its_rule in zip(tried, rules, strict=True):
        if one.fired:
            console.print("", _episodes(one, its_rule))


class _Line(Struct):
    """A line of the answer: how far it is, what came out, or why it ended."""

    progress: float | None = None
    rules: tuple[RuleBacktest, ...] | None = None
    error: str | None = None


def _rule(file: Path, name: str) -> Rule:
    """The rule of a file that is meant. Raises BadDocuments and BadRequest."""
    document = parse(text_of(file, str(file)), str(file))
    rules = {filed.rule.name: filed.rule for filed in read_rules([document], default_rules())}
    if name and name in rules:
        return rules[name]
    if not name and len(rules) == 1:
        return next(iter(rules.values()))
    if not rules:
        raise BadRequest(f"there is no rule in {file}")
    said = f"{file} has no rule {name!r}" if name else f"{file} has {len(rules)} rules"
    raise BadRequest(f"{said}: give one of them with --rule: {', '.join(rules)}")


def _time(text: str) -> str:
    """A time for the API; a length is so long ago."""
    try:
        return str(system_clock() - parse_duration(text))
    except BadRequest:
        return text


async def _ask(body: bytes, url: str, data: Path | None, token: str) -> tuple[RuleBacktest, ...]:
    """What came out of each rule, with a bar of its progress meanwhile. Raises RequestFailed."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    headers = {"accept": _LINES, "content-type": "application/json"}
    console = Console(stderr=True)
    async with connected(url, data, token) as client:
        with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
            task = bar.add_task("evaluating", total=None)
            async with streamed(client, "POST", PATH, content=body, headers=headers) as response:
                async for text in response.aiter_lines():
                    line = msgspec.json.decode(text, type=_Line)
                    if line.error is not None:
                        raise RequestFailed(line.error)
                    if line.rules is not None:
                        return line.rules
                    bar.update(task, total=1, completed=line.progress)
    raise RequestFailed("the server ended before it was done: try again")


def _side_by_side(files: list[Path], tried: Iterable[RuleBacktest]) -> Table:
    table = Table("", box=None, header_style="bold", pad_edge=False)
    rows: dict[str, list[str]] = {}
    for file, one in zip(files, tried, strict=True):
        table.add_column(escape(f"{one.rule} ({file})"), justify="right")
        for name, value in _facts(one).items():
            rows.setdefault(name, []).append(value)
    for name, values in rows.items():
        table.add_row(name, *values)
    return table


def _facts(one: RuleBacktest) -> dict[str, str]:
    facts = {
        "from": _moment(one.start_ms),
        "to": _moment(one.end_ms),
        "evaluated": f"{one.ticks:,} times, every {say_duration(one.every_ms)}",
        "too little data": _percent(one.unknown),
        "fired": f"{one.fired:,}",
        "a week": f"{one.fired_per_week:,.1f}",
        "firing for": _length(one.firing_ms),
        "firing at the end": f"{one.firing_at_end:,}",
    }
    if one.accuracy is not None:
        found = one.accuracy
        facts |= {
            "precision": f"{_percent(found.precision)} ({found.true_episodes} of {found.episodes} alerts)",
            "recall": f"{_percent(found.recall)} ({found.found_incidents} of {found.incidents} incidents)",
            "found after": "–" if found.delay_ms is None else _length(round(found.delay_ms)),
        }
    return facts


def _episodes(one: RuleBacktest, rule: Rule) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False, title=one.rule, title_justify="left")
    for name in ("start (UTC)", "for", "severity"):
        table.add_column(name, no_wrap=True)
    for name in rule.by:
        table.add_column(name, overflow="fold")
    for name in ("worst", "threshold"):
        table.add_column(name, justify="right")
    unit = METRICS_BY_PATH[rule.metric].unit
    for episode in one.episodes[:_SHOWN_EPISODES]:
        lasted = "until the end" if episode.end_ms is None else _length(episode.end_ms - episode.start_ms)
        values = ("–" if value is None else in_words(value, unit) for value in (episode.peak, episode.threshold))
        labels = (escape(episode.labels[name]) or "(none)" for name in rule.by)
        table.add_row(_moment(episode.start_ms), lasted, episode.severity.value, *labels, *values)
    if one.fired > _SHOWN_EPISODES:
        table.caption = f"the first {_SHOWN_EPISODES} of {one.fired:,}; --json has more"
    return table


def _length(length_ms: int) -> str:
    """To the second, as nobody needs it finer."""
    return say_duration(round(length_ms / 1_000) * 1_000)


def _moment(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1_000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _percent(value: float | None) -> str:
    return "–" if value is None else in_words(value, "%")
