"""What the SDK's builds weigh, and what they export: a guest doesn't grow unnoticed."""

import gzip
import json
import re
import subprocess
from pathlib import Path
from typing import Any

from chatvitals.catalogue.kinds import KINDS

SDK = Path(__file__).parent.parent.parent / "sdk"
CORE_BYTES = 3_000
ALL_BYTES = 7_400
"""With every helper. The aim is 7,000."""
STUB_BYTES = 400


HELPERS = [
    "followMessages",
    "holdBack",
    "indexedDbArea",
    "keepConversation",
    "measureAnswer",
    "measureBoot",
    "measureBundle",
    "measureErrors",
    "measureFetch",
    "measureHost",
    "measureMemory",
    "measureMessages",
    "measureNavigation",
    "measureScroll",
    "measureStorage",
    "measureTabs",
    "probeStorage",
]
"""Names that widgets use: one that goes breaks them."""


def packed(name: str) -> int:
    return len(gzip.compress((SDK / "dist" / name).read_bytes(), 9))


def said_by_node(script: str) -> Any:
    """The JSON that a script prints."""
    words = ["node", "--input-type=module", "-e", script]
    return json.loads(subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True).stdout)


def test_the_core_keeps_to_its_budget() -> None:
    assert packed("index.mjs") <= CORE_BYTES


def test_everything_keeps_to_its_budget() -> None:
    assert packed("chatvitals.js") <= ALL_BYTES


def test_the_helpers_are_those_that_widgets_know() -> None:
    module = json.dumps(str(SDK / "dist" / "helpers.mjs"))
    assert sorted(said_by_node(f"console.log(JSON.stringify(Object.keys(await import({module}))))")) == HELPERS


def test_the_script_makes_one_global() -> None:
    script = (SDK / "dist" / "chatvitals.js").read_text()
    made = said_by_node(
        f"import vm from 'node:vm'; const page = {{}}; page.window = page; vm.createContext(page);"
        f"vm.runInContext({json.dumps(script)}, page);"
        f"console.log(JSON.stringify([Object.keys(page), Object.keys(page.chatvitals)]))"
    )
    assert sorted(made[0]) == ["chatvitals", "window"]
    assert sorted(made[1]) == sorted([*HELPERS, "init"])


def test_the_stub_keeps_to_its_budget() -> None:
    size = (SDK / "dist" / "stub.js").stat().st_size
    assert size <= STUB_BYTES, f"{size} bytes"


def test_every_kind_but_the_sdks_own_can_be_tracked() -> None:
    script = (
        f"const {{ init, ...rest }} = await import({json.dumps(str(SDK / 'dist' / 'index.mjs'))});"
        "console.log(JSON.stringify([Object.keys(rest), Object.keys(init({}))]))"
    )
    others, handle = said_by_node(script)
    tracked = {f"track{kind[0].upper()}{kind[1:]}" for kind in KINDS if kind != "sdk"}
    assert others == []
    assert set(handle) == tracked | {"policy", "ended", "stores", "interacted", "setConsent", "flush", "shutdown"}


def test_no_name_that_the_build_shortens_means_anything_to_others() -> None:
    """Neither to browsers nor on the wire nor to widgets."""
    shortened = re.search(r"PRIVATE = /\^\((.*?)\)\$/;", (SDK / "build.mjs").read_text())
    assert shortened
    names = set(shortened[1].split("|"))
    dom = (SDK.parent / "node_modules" / "terser" / "tools" / "domprops.js").read_text()
    declared = "".join((SDK / "dist" / name).read_text() for name in ("index.d.ts", "options.d.ts", "events.d.ts"))
    assert not names & set(re.findall(r'"(\w+)"', dom))
    assert not names & set(re.findall(r"(\w+)\??[:(]", declared))


def test_the_package_names_files_that_are_there() -> None:
    package = (SDK / "package.json").read_text()
    for name in set(re.findall(r"\./(dist/[\w./]+)", package)):
        assert (SDK / name).is_file(), name
