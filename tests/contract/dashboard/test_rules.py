"""The list of rules, and writing, switching and removing them."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.support.dashboard import act, render_page
from tests.support.reading import ReadTable, read
from tests.support.rule_forms import filled_in

from chatvitals.alerting.rules.book import Source
from chatvitals.alerting.rules.defaults import default_rules
from chatvitals.dashboard.page import Done
from chatvitals.dashboard.parts import Parts
from chatvitals.errors import BadRequest, Conflict, NotFound

SLOW = default_rules()["slow-renders"]
RULE = "/dashboard/rules/slow-renders"


@pytest.fixture(autouse=True)
def looked(parts: Parts) -> None:
    parts.book.look()


def form(**changes: str) -> dict[str, str]:
    """The form of a shipped rule, changed."""
    return filled_in(SLOW, **changes)


def table(parts: Parts) -> ReadTable:
    return read(render_page(parts, "/dashboard/rules").html).tables["Rules, those first that want to be looked at"]


def undo(parts: Parts, done: Done) -> Done:
    assert done.undo is not None
    return act(parts, done.undo.path, done.undo.fields)


def source(parts: Parts, name: str = "slow-renders") -> Source:
    return parts.book.find(name).origin.source


def test_every_rule_is_listed_with_where_it_comes_from(parts: Parts) -> None:
    rows = {row["Rule"]: row for row in table(parts).rows}
    assert len(rows) == len(default_rules())
    row = rows["Slow Message Renders Render time, p95"]
    assert (row["Severity"], row["State"], row["From"], row["Action"]) == (
        "▲ warning",
        "not evaluated yet",
        "shipped",
        "Switch off",
    )


def test_a_shipped_rule_is_switched_off_and_as_it_was_again(parts: Parts) -> None:
    done = act(parts, f"{RULE}/switch", {"enabled": ""})
    assert done.said == "Slow Message Renders is switched off"
    assert not parts.book.find("slow-renders").rule.enabled
    row = next(row for row in table(parts).rows if row["Rule"].startswith("Slow Message Renders"))
    assert (row["State"], row["Action"]) == ("off", "Switch on")
    assert "written here by tester just now in place of: shipped" in row["From"]
    undo(parts, done)
    assert source(parts) is Source.BUILT_IN
    assert parts.book.find("slow-renders").rule == SLOW


def test_a_change_is_saved_and_undone_step_by_step(parts: Parts) -> None:
    first = act(parts, f"{RULE}/save", form(title="Slower"))
    assert (first.said, first.to) == ("Slower is saved", RULE)
    second = act(parts, f"{RULE}/save", form(title="Slowest", level__error="40"))
    assert parts.book.find("slow-renders").rule.title == "Slowest"
    undo(parts, second)
    assert parts.book.find("slow-renders").rule == msgspec.structs.replace(SLOW, title="Slower")
    undo(parts, first)
    assert source(parts) is Source.BUILT_IN


def test_switching_a_changed_rule_keeps_the_change(parts: Parts) -> None:
    act(parts, f"{RULE}/save", form(title="Slower"))
    act(parts, f"{RULE}/switch", {"enabled": ""})
    rule = parts.book.find("slow-renders").rule
    assert (rule.title, rule.enabled) == ("Slower", False)


def test_a_new_rule_is_added_and_removed(parts: Parts) -> None:
    done = act(parts, "/dashboard/new-rule", form(name="slower", title="Slower"))
    assert done.to == "/dashboard/rules/slower"
    assert source(parts, "slower") is Source.ROW
    with pytest.raises(Conflict, match="choose another name"):
        act(parts, "/dashboard/new-rule", form(name="slower"))
    removed = act(parts, "/dashboard/rules/slower/remove", {})
    assert (removed.said, removed.to) == ("Slower is removed", "/dashboard/rules")
    with pytest.raises(NotFound):
        parts.book.find("slower")
    undo(parts, removed)
    assert parts.book.find("slower").rule == msgspec.structs.replace(SLOW, name="slower", title="Slower")


def test_removing_a_change_brings_the_shipped_rule_back(parts: Parts) -> None:
    act(parts, f"{RULE}/save", form(title="Slower"))
    assert "Back to the shipped one" in read(render_page(parts, RULE).html).text
    done = act(parts, f"{RULE}/remove", {})
    assert (done.said, done.to) == ("Slower is as it was shipped", RULE)
    assert source(parts) is Source.BUILT_IN


def test_yaml_is_saved_as_well(parts: Parts) -> None:
    yaml = "name: slow-renders\ncategory: performance\nmetric: performance.renders.p95Time\n"
    act(
        parts,
        f"{RULE}/save",
        {"rule.yaml": f"{yaml}threshold: {{above: {{error: 30}}}}\nfilters: {{release: [2.10]}}\n"},
    )
    rule = parts.book.find("slow-renders").rule
    assert rule.filters == {"release": ("2.10",)}
    with pytest.raises(BadRequest, match="1:7: name: expected lower-case"):
        act(parts, f"{RULE}/save", {"rule.yaml": "name: Oh No"})


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (form(level__warning="many"), "expected a number"),
        (form(window="3m", every="0s"), "every"),
        ({"rule.yaml": "name: other\nenabled: true"}, "no built-in rule 'other'"),
        ({"rule.yaml": "name: slow-api\nenabled: true"}, "this is the rule 'slow-renders': its name stays"),
    ],
)
def test_a_rule_with_mistakes_is_not_saved(parts: Parts, fields: dict[str, str], said: str) -> None:
    with pytest.raises(BadRequest, match=said):
        act(parts, f"{RULE}/save", fields)
    assert source(parts) is Source.BUILT_IN


@pytest.mark.parametrize("document", ["[]", "{", '{"name": "slow-renders", "category": 3}'])
def test_what_undoing_is_given_is_checked(parts: Parts, document: str) -> None:
    with pytest.raises(BadRequest):
        act(parts, f"{RULE}/restore", {"document": document})


def test_a_rule_of_a_file_is_changed_there(parts: Parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document: dict[str, Any] = {"rules": [{"name": "slow-renders", "enabled": False}]}
    (tmp_path / "rules.yaml").write_bytes(msgspec.yaml.encode(document))
    monkeypatch.setattr(parts.folder, "_folder", tmp_path)
    parts.folder.look()
    parts.book.look()
    row = next(row for row in table(parts).rows if row["Rule"].startswith("Slow Message Renders"))
    assert row["Action"] == "off"
    assert "file rules.yaml, line 2 in place of: shipped" in row["From"]
    html = render_page(parts, RULE).html
    assert "so it is changed there" in read(html).text
    assert "rule.window" not in html
    for action in ("save", "switch", "remove", "restore"):
        with pytest.raises(Conflict, match=r"stands in rules\.yaml, line 2"):
            act(parts, f"{RULE}/{action}", form())


def test_mistakes_of_files_are_told(parts: Parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "rules.yaml").write_text("rules: [{name: x}]")
    monkeypatch.setattr(parts.folder, "_folder", tmp_path)
    parts.folder.look()
    assert "rules.yaml:1:9:" in read(render_page(parts, "/dashboard/rules").html).text
