"""What the SDK's builds weigh, and what they export: a guest doesn't grow unnoticed."""

import gzip
import json
import re
import subprocess
from pathlib import Path

from chatvitals.catalogue.kinds import KINDS

SDK = Path(__file__).parent.parent.parent / "sdk"
CORE_BYTES = 3_000
STUB_BYTES = 430


def test_the_core_keeps_to_its_budget() -> None:
    size = len(gzip.compress((SDK / "dist" / "index.mjs").read_bytes(), 9))
    assert size <= CORE_BYTES, f"{size} bytes with gzip"


def test_the_stub_keeps_to_its_budget() -> None:
    size = (SDK / "dist" / "stub.js").stat().st_size
    assert size <= STUB_BYTES, f"{size} bytes"


def test_every_kind_but_the_sdks_own_can_be_tracked() -> None:
    script = (
        f"const {{ init, ...rest }} = await import({json.dumps(str(SDK / 'dist' / 'index.mjs'))});"
        "console.log(JSON.stringify([Object.keys(rest), Object.keys(init({}))]))"
    )
    said = subprocess.run(
        ["node", "--input-type=module", "-e", script], stdout=subprocess.PIPE, text=True, check=True
    ).stdout
    others, handle = json.loads(said)
    tracked = {f"track{kind[0].upper()}{kind[1:]}" for kind in KINDS if kind != "sdk"}
    assert others == []
    assert set(handle) == tracked | {"policy", "ended", "stores", "interacted", "setConsent", "flush", "shutdown"}


def test_the_package_names_files_that_are_there() -> None:
    package = (SDK / "package.json").read_text()
    for name in set(re.findall(r"\./(dist/[\w./]+)", package)):
        assert (SDK / name).is_file(), name
