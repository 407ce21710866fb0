"""What the tutorial of the first alert shows is read, printed and received as it says."""

import re
import urllib.request
from http.server import HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from tests.support.notifications import notification

from chatvitals.alerting.configuration import read_files
from chatvitals.alerting.rules.defaults import default_rules
from chatvitals.catalogue.severities import Severity
from chatvitals.cli.rules import check_rules
from chatvitals.notify.channels.webhook.bodies import chatvitals_body
from chatvitals.simulator.faults.plan import parse_fault

PAGE = (Path(__file__).parents[2] / "docs" / "tutorial" / "first-alert.md").read_text()


def block(language: str, place: int = 0) -> str:
    found: str = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)[place]
    return found


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "alerts").mkdir()
    (tmp_path / "alerts" / "first.yaml").write_text(block("yaml"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "alerts"


def test_the_rule_goes_to_the_hand(folder: Path) -> None:
    configuration = read_files([(path, path.name) for path in folder.iterdir()], default_rules())
    (filed,) = configuration.rules
    assert filed.rule.name in PAGE.replace(block("yaml"), "")
    assert configuration.routing.root.receiver == "my-hand"
    (allowed,) = re.findall(r"CHATVITALS_OUTGOING_ALLOWED='\[\"(.*?)\"\]'", PAGE)
    assert f"http://{allowed}/" in block("yaml")


@pytest.mark.usefixtures("folder")
def test_checking_prints_what_is_shown(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    check_rules(Path("alerts"))
    command, *shown = block("console").splitlines()
    assert command == "$ chatvitals rules check alerts"
    assert [line.rstrip() for line in capsys.readouterr().out.splitlines()] == [line.rstrip() for line in shown]


def test_the_hand_takes_what_is_sent(capsys: pytest.CaptureFixture[str]) -> None:
    script: dict[str, Any] = {"__name__": "hand"}
    exec(block("python"), script)  # it is the tutorial's own
    script["Hand"].log_message = lambda *_: None
    message = notification()
    with HTTPServer(("127.0.0.1", 0), script["Hand"]) as server:
        Thread(target=server.handle_request).start()
        url = f"http://127.0.0.1:{server.server_port}/"
        with urllib.request.urlopen(url, chatvitals_body(message), timeout=10) as answer:
            assert answer.status == 204
    (told,) = message.incidents
    assert told.severity is Severity.CRITICAL
    assert capsys.readouterr().out == f"notification.opened critical acme {told.message}\n"


def test_the_faults_are_ones() -> None:
    faults = re.findall(r"--fault (\S+)", PAGE)
    assert [parse_fault(text).fault.name for text in faults] == ["loss-quota", "slow-render"]
