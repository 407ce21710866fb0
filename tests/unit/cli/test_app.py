"""What is the same for all commands: their help, and how their user's mistakes are said."""

import pytest

from chatvitals import cli
from chatvitals.cli.app import app


def test_the_help_says_defaults_that_mean_something(capsys: pytest.CaptureFixture[str]) -> None:
    app(["alerts", "--help"])
    said = capsys.readouterr().out
    assert "[default: http://127.0.0.1:8000]" in said
    assert "[default: open acknowledged]" in said
    for nothing in ("None", '""', "()", "False", "--empty"):
        assert nothing not in said


def test_what_a_mistake_quotes_is_no_markup(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "app", lambda: app(["rules", "check", "rules[/red][site]"]))
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    assert capsys.readouterr().err == "error there is no file rules[/red][site]\n"
