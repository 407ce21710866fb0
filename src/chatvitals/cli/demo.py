"""`chatvitals demo`."""

import asyncio
import signal
import sys
import urllib.request
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console

from chatvitals.cli.simulate import simulate_with_progress
from chatvitals.errors import ChatvitalsError
from chatvitals.simulator.faults.plan import parse_fault
from chatvitals.simulator.simulate import SimulationOptions

_START_S = 30.0
PAST_FAULTS = (
    "loss-quota,at=-35m,for=6m,share=0.1,browser=Safari",
    "slow-api,at=-22m,for=8m,share=0.5",
)
"""What went wrong in the past that is made up, so that there is something to find."""


def demo(
    *,
    port: int = 8000,
    data: Path = Path("chatvitals-data/demo"),
    rate: float = 50,
    backfill_hours: Annotated[float, Parameter(help="How much of the past to make up at the first start.")] = 1,
) -> None:
    """Run the development server and a simulated fleet of widgets that sends to it.

    Parameters
    ----------
    port
        Port to listen on.
    data
        Directory that holds what the server keeps.
    rate
        Events a second, on average.
    """
    asyncio.run(_demo(port, data, rate, backfill_hours))


async def _demo(port: int, data: Path, rate: float, backfill_hours: float) -> None:
    console = Console(stderr=True, highlight=False)
    first_start = not (data / "events").exists()
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "chatvitals", "serve", "--dev", "--port", str(port), "--data", str(data)
    )
    try:
        url = f"http://127.0.0.1:{port}"
        await _until_ready(server, url)
        console.print(f"Look at it: {url}/  Ask it: curl '{url}/api/monitoring/widget?window=300000'")
        options = SimulationOptions(
            url=url,
            rate=rate,
            backfill_hours=backfill_hours if first_start else 0,
            faults=tuple(map(parse_fault, PAST_FAULTS)),
        )
        await simulate_with_progress(options, quiet=not console.is_terminal)
    finally:
        if server.returncode is None:
            server.send_signal(signal.SIGTERM)
        await server.wait()


async def _until_ready(server: asyncio.subprocess.Process, url: str) -> None:
    async with asyncio.timeout(_START_S):
        while not await asyncio.to_thread(_ready, url):
            if server.returncode is not None:
                raise ChatvitalsError(f"the server ended at start with code {server.returncode}; it said why above")
            await asyncio.sleep(0.1)


def _ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
