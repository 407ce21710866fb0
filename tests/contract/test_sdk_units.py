"""What the browser SDK computes without a browser, in Node's own tests."""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def test_the_sdks_arithmetic(tmp_path: Path) -> None:
    entry, bundle = tmp_path / "units.ts", tmp_path / "units.mjs"
    helpers = ROOT / "sdk" / "src" / "helpers"
    entry.write_text("".join(f'export * from "{helpers / name}";\n' for name in ("frames", "page")))
    esbuild = ROOT / "node_modules" / ".bin" / "esbuild"
    subprocess.run([esbuild, "--bundle", "--format=esm", "--log-level=error", f"--outfile={bundle}", entry], check=True)
    tests = sorted((ROOT / "sdk" / "test").glob("*.test.mjs"))
    assert tests
    ran = subprocess.run(
        ["node", "--test", *tests],
        env=os.environ | {"SDK_UNITS": bundle.as_uri()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout
