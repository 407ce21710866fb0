"""`chatvitals serve`."""

import os
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


def serve(
    *,
    host: str | None = None,
    port: int | None = None,
    data: Path | None = None,
    config: Path | None = None,
    dev: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Run the server until it is told to stop (Ctrl-C or SIGTERM).

    Parameters
    ----------
    host
        Address to listen on; 127.0.0.1 by default.
    port
        Port to listen on; 8000 by default, 0 takes a free one.
    data
        Directory that holds everything the server keeps; `chatvitals-data` by default.
    config
        TOML file with settings. CHATVITALS_… variables win over it, options over both.
    dev
        For development: this machine only, no token asked, and a site `demo` with the write key `demo-key`.
    """
    from chatvitals.cli.logs import set_up_logs
    from chatvitals.server.serve import run
    from chatvitals.settings import load_settings

    settings = load_settings(config, host=host, port=port, data=None if data is None else str(data))
    set_up_logs(settings.log_format)
    run(settings, dev=dev, ready=lambda url: print(f"chatvitals listens on {url} (pid {os.getpid()})", flush=True))  # noqa: T201
