"""`chatvitals simulate`."""

import asyncio
import signal
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console

from chatvitals.cli.query import milliseconds, readable
from chatvitals.clock import system_clock
from chatvitals.errors import BadRequest
from chatvitals.simulator.faults.plan import FaultPlanError, parse_fault
from chatvitals.simulator.sender import HopelessError
from chatvitals.simulator.simulate import Progress, SimulationOptions
from chatvitals.simulator.simulate import simulate as run_simulation
from chatvitals.simulator.truth.lines import Summary


def simulate(
    *,
    url: str = "http://127.0.0.1:8000",
    key: str = "demo-key",
    site: str = "demo",
    rate: float = 50,
    minutes: float | None = None,
    backfill: str = "",
    fault: tuple[str, ...] = (),
    customers: int = 20,
    seed: int = 1,
    sample: float = 1,
    truth: Path | None = None,
    quiet: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Send the traffic of a simulated fleet of widgets, with faults planted in it if you like.

    Parameters
    ----------
    url
        Address of the server; of this machine only.
    key
        The site's write key.
    site
        The site that a backfill is imported into.
    rate
        Events a second, on average.
    minutes
        How long to send; until it is stopped by default, 0 for a backfill alone.
    backfill
        How much of the past to import first, as 24h.
    fault
        A fault, as `slow-render,at=30s,for=5m,share=0.5,release=2.4.1`; may be given several times.
    customers
        How many customers the fleet has.
    seed
        The same seed gives the same fleet and the same events.
    sample
        The sampling rate that the widgets say they have.
    truth
        File for what was really sent and planted, one JSON object a line.
    quiet
        Print nothing but errors.
    """
    try:
        options = SimulationOptions(
            url=url,
            key=key,
            site=site,
            rate=rate,
            minutes=minutes,
            backfill_hours=milliseconds(backfill) / 3_600_000 if backfill else 0,
            seed=seed,
            customers=customers,
            faults=tuple(map(parse_fault, fault)),
            truth=truth,
            sample=sample,
        )
        summary = asyncio.run(simulate_with_progress(options, quiet=quiet))
    except (ValueError, FaultPlanError, HopelessError) as error:
        raise BadRequest(str(error)) from error
    if not quiet:
        Console(stderr=True).print(
            f"{summary.events:,} events acknowledged in {summary.batches:,} batches, {summary.rejected:,} rejected,"
            f" {summary.unknown:,} of unknown fate"
        )


async def simulate_with_progress(options: SimulationOptions, *, quiet: bool) -> Summary:
    """Run a simulation until it is over or a signal comes, with a line that says how it goes."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    if quiet:
        return await run_simulation(options, stop=stop, clock=system_clock)
    console = Console(stderr=True)
    with console.status("starting") as status:
        return await run_simulation(
            options, stop=stop, clock=system_clock, progress=lambda progress: status.update(_line(progress))
        )


def _line(progress: Progress) -> str:
    part = f" {progress.done:.0%}" if progress.done is not None else ""
    return (
        f"{progress.phase}{part}: {readable(str(progress.summary.events))} events,"
        f" {readable(str(round(progress.events_per_second)))}/s"
    )
