"""The package for npm, as a widget's build meets it: its types, its entries, and that nothing unused comes along."""

import json
import subprocess
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
TOOLS = ROOT / "node_modules" / ".bin"
CORE_ALONE_BYTES = 8_000
"""The core before gzip, as a widget bundles it."""

_WIDGET = """
import { init, type Handle, type Options } from "chatvitals";
import { followMessages, indexedDbArea, keepConversation, measureStorage, type Area } from "chatvitals/helpers";

const options: Options = { endpoint: "https://vitals.example/api/monitoring/widget", key: "key", policy: "persist" };
const vitals: Handle = init(options);
const timestamp = Date.now();
vitals.trackPersistence({ operation: "save", success: true, duration: 42.5, timestamp, sessionId: "s-1" });
vitals.trackRender({ messageId: "m-1", renderTime: 12.3, contentLength: 256, timestamp });
vitals.trackLoss({ conversationId: "c-1", lost: 2, hop: "restore" });
const area: Area = measureStorage(vitals, () => indexedDbArea("widget"), "indexedDB");
const ledger = keepConversation(vitals, { id: "c-1", name: "chat", area, identity: undefined });
export const lost: Promise<number> = ledger.restore().then((found) => found.lost);
export const sent: Promise<void> = vitals.flush();
followMessages(vitals, "c-1").acked("m-1", 0);

// @ts-expect-error there is no such operation
vitals.trackPersistence({ operation: "keep", success: true, duration: 1 });
// @ts-expect-error a number is wanted
vitals.trackRender({ renderTime: "12" });
// @ts-expect-error the endpoint is missing
init({ key: "key" });
// @ts-expect-error there is no such policy
init({ endpoint: "/", key: "key", policy: "forever" });
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that has the package from its archive, as npm would put it there."""
    project = tmp_path_factory.mktemp("project")
    packed = subprocess.run(
        ["npm", "pack", "--json", "--pack-destination", project],
        cwd=ROOT / "sdk",
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    (archive,) = json.loads(packed.stdout)
    (project / "node_modules").mkdir()
    with tarfile.open(project / archive["filename"]) as files:
        files.extractall(project / "node_modules", filter="data")
    (project / "node_modules" / "package").rename(project / "node_modules" / "chatvitals")
    (project / "package.json").write_text('{"type": "module"}')
    return project


def bundled(project: Path, source: str) -> str:
    """What a bundler makes of a module for browsers."""
    (project / "entry.ts").write_text(source)
    subprocess.run(
        [
            TOOLS / "esbuild",
            "entry.ts",
            "--bundle",
            "--format=esm",
            "--minify",
            "--outfile=out.js",
            "--log-level=error",
        ],
        cwd=project,
        check=True,
    )
    return (project / "out.js").read_text()


def test_the_archive_has_what_is_needed_and_no_more(project: Path) -> None:
    package = project / "node_modules" / "chatvitals"
    assert {path.name for path in package.iterdir()} == {"README.md", "dist", "package.json"}
    suffixes = {"".join(path.suffixes) for path in package.rglob("*") if path.is_file() and path.parent != package}
    assert suffixes == {".d.ts", ".js", ".mjs"}
    assert json.loads((package / "package.json").read_text()).get("dependencies") is None


@pytest.mark.parametrize("resolution", [("ESNext", "Bundler"), ("NodeNext", "NodeNext")])
def test_a_strict_project_has_its_types(project: Path, resolution: tuple[str, str]) -> None:
    module, how = resolution
    (project / "widget.ts").write_text(_WIDGET)
    settings = {
        "strict": True,
        "exactOptionalPropertyTypes": True,
        "noUncheckedIndexedAccess": True,
        "skipLibCheck": False,
        "noEmit": True,
        "target": "ES2022",
        "lib": ["ES2022", "DOM"],
        "types": [],
        "module": module,
        "moduleResolution": how,
    }
    (project / "tsconfig.json").write_text(json.dumps({"compilerOptions": settings, "files": ["widget.ts"]}))
    checked = subprocess.run([TOOLS / "tsc", "-p", project], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def test_who_takes_the_core_gets_no_helper(project: Path) -> None:
    core = bundled(project, 'import { init } from "chatvitals"; init({ endpoint: "/", key: "k" });')
    assert len(core) <= CORE_ALONE_BYTES
    for sign in ("MutationObserver", "BroadcastChannel", "PerformanceObserver", "indexedDB", "sessionStorage"):
        assert sign not in core


@pytest.mark.parametrize(
    ("helper", "without"),
    [
        (
            "measureMemory",
            ("MutationObserver", "BroadcastChannel", "PerformanceObserver", "indexedDB", "CompressionStream"),
        ),
        (
            "measureTabs",
            ("MutationObserver", "PerformanceObserver", "indexedDB", "sessionStorage", "CompressionStream"),
        ),
    ],
)
def test_who_takes_one_helper_gets_no_other(project: Path, helper: str, without: tuple[str, ...]) -> None:
    bundle = bundled(project, f'import {{ {helper} }} from "chatvitals/helpers"; {helper}(window.vitals);')
    assert len(bundle) <= 2_000
    assert [sign for sign in without if sign in bundle] == []


def test_a_module_that_uses_nothing_weighs_nothing(project: Path) -> None:
    assert (
        bundled(project, 'import { init } from "chatvitals"; import { measureTabs } from "chatvitals/helpers";') == ""
    )
