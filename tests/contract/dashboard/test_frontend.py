"""What is built for browsers: its weight, its colours, and that it says things in the server's words."""

import gzip
import json
import random
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from chatvitals.dashboard import saying
from chatvitals.dashboard.assets import FOLDER, built_assets

ROOT = Path(__file__).parents[3]
FRONTEND = ROOT / "frontend"
EVERY_PAGE_BYTES = 36_000
CHART_BYTES = 31_000


def packed(name: str) -> int:
    return len(gzip.compress((Path(str(FOLDER)) / name).read_bytes(), 9))


def imports(name: str) -> set[str]:
    """The files that a module can't do without, and it."""
    code = (Path(str(FOLDER)) / name).read_text()
    return {name}.union(*(imports(other) for other in re.findall(r'(?:from|import)"\./([^"]+)"', code)))


def test_what_every_page_loads_keeps_to_its_budget() -> None:
    names = built_assets().hashed
    files = {names["main.css"], names["theme.js"], *imports(names["main.js"])}
    assert len(files) >= 4
    assert sum(packed(file) for file in files) <= EVERY_PAGE_BYTES


def test_charts_keep_to_their_budget() -> None:
    assert packed(built_assets().hashed["chart.js"]) <= CHART_BYTES


def test_every_island_is_built() -> None:
    islands = {path.stem for path in (FRONTEND / "src" / "islands").glob("*.ts")}
    assert islands
    assert islands <= {name.removesuffix(".js") for name in built_assets().hashed}


def computed(tmp_path: Path, modules: str, expression: str) -> Any:
    """What an expression over exports of the sources is in Node."""
    entry, bundle = tmp_path / "entry.ts", tmp_path / "bundle.mjs"
    entry.write_text("".join(f'export * from "{FRONTEND / "src" / module}";\n' for module in modules.split()))
    esbuild = ROOT / "node_modules" / ".bin" / "esbuild"
    subprocess.run([esbuild, "--bundle", "--format=esm", "--log-level=error", f"--outfile={bundle}", entry], check=True)
    script = f"import * as our from {json.dumps(bundle.as_uri())}; console.log(JSON.stringify({expression}))"
    ran = subprocess.run(["node", "--input-type=module"], input=script, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(ran.stdout)


def test_charts_say_values_as_the_server_does(tmp_path: Path) -> None:
    dice = random.Random(1)
    values = [dice.choice((1, -1)) * 10 ** dice.uniform(-6, 12) for _ in range(2_000)]
    values += [
        0,
        0.5,
        1.5,
        2.5,
        12.25,
        0.125,
        99.95,
        99.995,
        99.994,
        100,
        0.004,
        0.0051,
        999.5,
        999.95,
        -0.00001,
    ]
    cases = [(value, unit) for value in values for unit in ("ms", "bytes", "%", "count", "fps", "messages")]
    told = computed(tmp_path, "chart/numbers.ts", f"{json.dumps(cases)}.map(([value, unit]) => our.said(value, unit))")
    assert [(*case, words) for case, words in zip(cases, told, strict=True)] == [
        (value, unit, saying.show(value, unit).said) for value, unit in cases
    ]


def test_values_of_a_chart_are_saved_as_csv(tmp_path: Path) -> None:
    lines = [{"name": 'a, "b"', "values": [1.5, None], "n": [3, 0]}, {"name": "c", "values": [0, 2], "n": [3, 1]}]
    chart = {"times": [1760000000000, 1760000001500], "lines": lines}
    assert computed(tmp_path, "chart/values.ts", f"our.valuesOf({json.dumps(chart)})") == (
        'time,"a, ""b""",c,n\n2025-10-09T08:53:20.000Z,1.5,0,3\n2025-10-09T08:53:21.500Z,,2,0\n'
    )


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@sum", "\t=1"])
def test_no_name_is_a_formula_to_spreadsheets(tmp_path: Path, formula: str) -> None:
    chart = {"times": [], "lines": [{"name": formula, "values": [], "n": []}]}
    assert computed(tmp_path, "chart/values.ts", f"our.valuesOf({json.dumps(chart)})") == f"time,'{formula},n\n"


def test_times_go_on_in_the_words_of_the_server(tmp_path: Path) -> None:
    distances = [sign * round(10 ** (power / 8)) for power in range(80) for sign in (1, -1)]
    told = computed(tmp_path, "live/words.ts", f"{json.dumps(distances)}.map(our.agoWords)")
    assert told == [saying.ago(0, distance) for distance in distances]


def test_a_zoom_is_an_address_and_ends_where_it_began(tmp_path: Path) -> None:
    address = "http://here/dashboard/x?window=3600000&customer=acme"
    zoom = f"our.zoomedTo({json.dumps(address)}, 1760000000499, 1760000060000)"
    zoomed = computed(tmp_path, "chart/zoom.ts", zoom)
    assert zoomed == (
        "/dashboard/x?window=3600000&customer=acme&from=2025-10-09T08%3A53%3A20Z&to=2025-10-09T08%3A54%3A20Z"
    )
    back = computed(tmp_path, "chart/zoom.ts", f"our.zoomedOut({json.dumps('http://here' + zoomed)})")
    assert back == address.removeprefix("http://here")


def test_the_page_that_was_asked_for_last_is_shown(tmp_path: Path) -> None:
    story = """(() => {
        const turns = new our.Turns(), [old, first, again, second] = [{}, {}, {}, {}];
        const begun = [turns.begin(old, false), turns.begin(first, true), turns.begin(again, false)];
        begun.push(turns.begin(second, true));
        const counted = [old, first, again, second].map((one) => turns.counts(one));
        return [begun, counted, turns.end(first), turns.end(second), turns.begin(again, false), turns.counts(again)];
    })()"""
    told = computed(tmp_path, "turns.ts", story)
    assert told == [[True, True, False, True], [False, False, False, True], False, True, True, True]


@pytest.mark.parametrize(
    ("known", "state", "said"),
    [
        ({}, "live", "Changes are shown within seconds."),
        ({"held": True}, "held", "Newer figures wait"),
        ({"moves": False}, "still", "doesn't change by itself"),
        ({"connected": False}, "stale", "can’t be reached for live news; it is loaded again every 30 s."),
        ({"problem": "there is no such view"}, "stale", "there is no such view."),
        ({"problem": "The server answered 503", "moves": False}, "stale", "The server answered 503."),
        ({"freshAt": 0}, "stale", "takes long to make this page. What is shown is from 1 min ago."),
        ({"refreshing": True, "connected": False}, "refreshing", "is being loaded."),
        ({"online": False, "held": True}, "offline", "no network. What is shown is from 10 s ago."),
    ],
)
def test_the_connection_is_called_what_it_is(tmp_path: Path, known: dict[str, Any], state: str, said: str) -> None:
    well = {"online": True, "moves": True, "connected": True, "refreshing": False, "problem": "", "held": False}
    asked = json.dumps({**well, "freshAt": 50_000, "everyMs": 30_000, **known})
    told, words = computed(tmp_path, "live/state.ts", f"[our.stateOf({asked}, 60000), our.words({asked}, 60000)]")
    assert told == state
    assert said in words["long"]


TEXTS = ("text", "muted", "accent", "good", "warning", "bad")

PAIRS = [
    *((text, ground) for text in TEXTS for ground in ("surface", "raised")),
    *((grade, f"{grade}-soft") for grade in ("good", "warning", "bad")),
    ("accent", "accent-soft"),
    ("text", "sunken"),
    ("muted", "sunken"),
    ("unknown", "raised"),
    ("on-accent", "accent"),
    ("on-bad", "bad"),
]
"""Text and what lies behind it."""


def themes() -> list[dict[str, str]]:
    """The colours of the light and the dark theme."""
    sheet = (FRONTEND / "styles" / "tokens.css").read_text()
    tokens = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", sheet)
    assert len(tokens) > 30
    return [{name: colours[at] for name, *colours in tokens} for at in (0, 1)]


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", themes(), ids=("light", "dark"))
def test_colours_can_be_read(theme: dict[str, str]) -> None:
    too_pale = {pair: round(contrast(theme[pair[0]], theme[pair[1]]), 2) for pair in PAIRS}
    assert {pair: ratio for pair, ratio in too_pale.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("theme", themes(), ids=("light", "dark"))
def test_lines_and_edges_of_fields_can_be_seen(theme: dict[str, str]) -> None:
    seen = ("p50", "p95", "mean", "before", "line-strong", *(f"part-{number}" for number in range(1, 9)))
    assert {name for name in seen if contrast(theme[name], theme["raised"]) < 3} == set()
