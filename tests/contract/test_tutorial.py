"""The tutorial shows the example as it is, and the example uses every helper that there is."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
_TUTORIAL = (ROOT / "docs" / "tutorial" / "measure-a-widget.md").read_text()
_EXAMPLE = "\n".join(path.read_text() for path in sorted((ROOT / "examples" / "widget" / "src").glob("*.ts")))
_ENTRY = (ROOT / "sdk" / "src" / "helpers" / "index.ts").read_text()
_WITHIN_ANOTHER = {"measureScroll"}
"""`measureMessages` does this too."""


def test_what_the_tutorial_shows_stands_in_the_example() -> None:
    there = {line.strip() for line in _EXAMPLE.splitlines()}
    shown = [line for block in re.findall(r"```ts\n(.*?)```", _TUTORIAL, re.DOTALL) for line in block.splitlines()]
    assert len(shown) > 10
    assert [line for line in shown if line.strip() and line.strip() not in there] == []


def test_every_helper_is_used_and_shown() -> None:
    helpers = set(re.findall(r"\b[a-z]\w+", " ".join(re.findall(r"export \{(.*?)\}", _ENTRY)).replace("type ", ""))) - {
        *_WITHIN_ANOTHER
    }
    assert len(helpers) > 10
    assert {name for name in helpers if f"{name}(" not in _EXAMPLE} == set()
    assert {name for name in helpers if f"{name}(" not in _TUTORIAL} == set()
