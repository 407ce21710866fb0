"""The command that runs backtests, against the real handler over a history that is made up."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route
from tests.unit.alerting.backtest.rules import MINUTE, START_MS

from chatvitals.alerting.backtest.backtest import Moment
from chatvitals.alerting.documents import BadDocuments
from chatvitals.alerting.observation import Observation
from chatvitals.alerting.rule import Rule
from chatvitals.alerting.rules.defaults import default_rules
from chatvitals.cli.rules_backtest import PATH, rules_backtest
from chatvitals.cli.target import RequestFailed
from chatvitals.errors import BadRequest, EngineError
from chatvitals.server.api.backtests import Backtests

RULES = """
rules:
  - name: slow
    category: performance
    metric: performance.renders.p95Time
    threshold: {above: {warning: 16}}
    keepFiringFor: 0s
    by: [customer]
"""
SLOWER = RULES.replace("keepFiringFor: 0s", "for: 15m")
FROM, TO = "2026-01-01T12:00:00Z", "2026-01-01T14:00:00Z"


class Spikes:
    """One customer is bad for ten minutes of each hour, for twenty of the second; after `broken_ms` nothing is read."""

    broken_ms = 1 << 60

    def read_range(self, rule: Rule, from_ms: int, to_ms: int, step_ms: int) -> Iterator[Moment]:
        for at_ms in range(from_ms, to_ms + 1, step_ms):
            if at_ms >= self.broken_ms:
                raise EngineError("out of memory")
            minute = (at_ms - START_MS) // MINUTE
            bad = 10 <= minute % 60 < (20 if minute < 60 else 30)
            yield at_ms, {("a[b]",): Observation(18.52 if bad else 10.0, 100, 10)} if rule.by else {}


@pytest.fixture(scope="module")
def history() -> Spikes:
    return Spikes()


@pytest.fixture(scope="module")
def url(history: Spikes) -> Iterator[str]:
    handler = Backtests(history, default_rules(), lambda: START_MS + 24 * 60 * MINUTE, raw_retention_days=30)
    app = Starlette(routes=[Route(PATH, handler.backtest, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.01)
        assert thread.is_alive()
    (socket,) = server.servers[0].sockets
    yield f"http://127.0.0.1:{socket.getsockname()[1]}"
    server.should_exit = True
    thread.join()


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    Path("rules.yaml").write_text(RULES)
    return Path("rules.yaml")


def lines(capsys: pytest.CaptureFixture[str]) -> list[list[str]]:
    """What was printed, each line by its cells."""
    return [[cell for cell in line.strip().split("  ") if cell] for line in capsys.readouterr().out.splitlines()]


def cells(rows: list[list[str]]) -> list[list[str]]:
    return [[cell.strip() for cell in row] for row in rows if row]


def test_it_tells_when_how_long_and_how_often(url: str, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rules_backtest(file, from_=FROM, to=TO, url=url)
    assert cells(lines(capsys)) == [
        ["slow (rules.yaml)"],
        ["from", "2026-01-01 12:00:00"],
        ["to", "2026-01-01 14:00:00"],
        ["evaluated", "121 times, every 1m"],
        ["too little data", "0%"],
        ["fired", "2"],
        ["a week", "168.0"],
        ["firing for", "30m"],
        ["firing at the end", "0"],
        ["slow"],
        ["start (UTC)", "for", "severity", "customer", "worst", "threshold"],
        ["2026-01-01 12:10:00", "10m", "warning", "a[b]", "18.52ms", "16ms"],
        ["2026-01-01 13:10:00", "20m", "warning", "a[b]", "18.52ms", "16ms"],
    ]


def test_two_rules_and_labels_stand_side_by_side(url: str, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("slower.yaml").write_text(SLOWER)
    Path("incidents.csv").write_text(
        "start,end,customer\n2026-01-01T13:08:00Z,2026-01-01T13:30:00Z,a[b]\n2026-01-01T13:00:00Z,2026-01-01T13:30:00Z,c\n"
    )
    labels, against = Path("incidents.csv"), Path("slower.yaml")
    rules_backtest(file, from_=FROM, to=TO, against=against, labels=labels, tolerance="1m", url=url)
    told = cells(lines(capsys))
    assert told[0] == ["slow (rules.yaml)", "slow (slower.yaml)"]
    assert told[9:12] == [
        ["precision", "50% (1 of 2 alerts)", "100% (1 of 1 alerts)"],
        ["recall", "50% (1 of 2 incidents)", "50% (1 of 2 incidents)"],
        ["found after", "2m", "17m"],
    ]


def test_json_has_everything(url: str, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rules_backtest(file, from_=FROM, to=TO, every="5m", json=True, url=url)
    answer: dict[str, Any] = msgspec.json.decode(capsys.readouterr().out)
    assert [(rule["every"], rule["fired"], len(rule["episodes"])) for rule in answer["rules"]] == [(300_000, 2, 2)]


def test_one_of_several_rules_is_named(url: str, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(RULES + "  - {name: slow-renders, enabled: true}\n")
    with pytest.raises(BadRequest, match=r"rules.yaml has 2 rules: give one of them with --rule: slow, slow-renders"):
        rules_backtest(file, from_=FROM, url=url)
    with pytest.raises(BadRequest, match=r"rules.yaml has no rule 'fast'"):
        rules_backtest(file, from_=FROM, rule="fast", url=url)
    rules_backtest(file, from_=FROM, to=TO, rule="slow", url=url)
    assert capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("rules.yaml", RULES.replace("above", "abve"), "rules.yaml:6:17"),
        ("rules.yaml", "rules: []", "there is no rule in rules.yaml"),
        ("incidents.csv", "start\n", "incidents.csv:1:1: there is no column 'end'"),
    ],
)
def test_mistakes_in_files_are_said_with_their_place(file: Path, name: str, text: str, said: str) -> None:
    Path("incidents.csv").write_text("start,end\n")
    Path(name).write_text(text)
    with pytest.raises((BadDocuments, BadRequest), match=said):
        rules_backtest(file, from_=FROM, labels=Path("incidents.csv"), url="http://127.0.0.1:9")


def test_what_the_server_refuses_is_said(url: str, file: Path) -> None:
    file.write_text(RULES.replace("by:", "every: 1s\n    by:"))
    with pytest.raises(RequestFailed):
        rules_backtest(file, from_="1d", to="1", url=url)


def test_what_breaks_on_the_way_is_said(url: str, file: Path, history: Spikes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "broken_ms", START_MS + 60 * MINUTE)
    with pytest.raises(RequestFailed, match="the events store could not answer this"):
        rules_backtest(file, from_=FROM, to=TO, url=url)


def test_no_server_is_said(file: Path) -> None:
    with pytest.raises(RequestFailed, match="no server answers at"):
        rules_backtest(file, from_=FROM, url="http://127.0.0.1:9")
