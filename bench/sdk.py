"""What the browser SDK costs a page and what it delivers, in Chromium, against a real server.

Run by `python -m bench.sdk`. Chromium has the first core, all else the last. The built SDK is copied at the start.
"""

import argparse
import json
import os
import random
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from bench.browser import ROOT, chromium_on, cores
from bench.host import host_of
from bench.sdk_cost import cost
from bench.sdk_delivery import delivery
from bench.sdk_kills import kills
from bench.sdk_report import Figure, Figures
from bench.sdk_stage import stage_of
from bench.sdk_wire import wire

_SCENES_A_RUN = 60
_WIDTH = 120


def _options() -> argparse.Namespace:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--runs", type=int, default=5, help="how often everything is measured")
    options.add_argument("--only", choices=("cost", "delivery"), help="leave the other out")
    options.add_argument("--sdk", type=Path, default=ROOT / "sdk" / "dist", help="folder of the built SDK")
    options.add_argument("--json", type=Path, help="file for all values")
    options.add_argument("--seed", type=int, default=1, help="of the moments of kills")
    return options.parse_args()


def _sayer(console: Console, run: int, runs: int) -> Callable[[str], None]:
    began = time.monotonic()
    return lambda what: console.print(f"[dim]run {run} of {runs}, {time.monotonic() - began:3.0f} s: {what}")


def _measure(chosen: argparse.Namespace, console: Console, figures: Figures) -> None:
    for_chromium, for_the_rest = cores()
    os.sched_setaffinity(0, {for_the_rest})
    draw = random.Random(chosen.seed)
    with (
        chromium_on(for_chromium) as browser,
        host_of(chosen.sdk) as host,
        stage_of(browser, host, chosen.runs * _SCENES_A_RUN) as stage,
    ):
        for run in range(1, chosen.runs + 1):
            say = _sayer(console, run, chosen.runs)
            if chosen.only != "delivery":
                cost(stage, figures, say)
                wire(stage, figures, say)
            if chosen.only != "cost":
                twice = delivery(stage, figures, say) + kills(stage, figures, say, draw)
                figures.add("in all of these", Figure("events stored twice", target=0, strict=True), twice)
        console.print(f"Chromium {browser.version} on one core; medians and extremes of {chosen.runs} runs")


def main() -> None:
    """Measure and print; where a run fails, what was measured before it too."""
    chosen, console, figures = _options(), Console(width=_WIDTH), Figures()
    try:
        _measure(chosen, console, figures)
    finally:
        console.print(figures.table())
        if chosen.json:
            chosen.json.write_text(json.dumps({"runs": chosen.runs, "figures": figures.document()}))


if __name__ == "__main__":
    main()
