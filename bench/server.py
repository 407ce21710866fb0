"""A server of its own for a benchmark: on one core, with what it costs."""

import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class BenchServer:
    """A running server. `started_s` is the time from its start until it was ready."""

    url: str
    pid: int
    started_s: float

    def cpu_s(self) -> float:
        """CPU seconds of the process so far, user and system."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S

    def rss_bytes(self) -> int:
        """Resident memory."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def get(self, path: str) -> dict[str, object]:
        """A JSON answer."""
        with urllib.request.urlopen(self.url + path, timeout=60) as answer:
            decoded: dict[str, object] = msgspec.json.decode(answer.read())
            return decoded

    def kept(self) -> int:
        """Events in the store, by their outcomes."""
        kept = self.get("/api/monitoring/outcomes?window=86400000")["kept"]
        assert isinstance(kept, int)
        return kept


@contextmanager
def bench_server(cores: set[int], data: str = "", **settings: str) -> Iterator[BenchServer]:
    """A development server on these cores, over an empty data directory if none is given; `settings` as in its
    environment."""
    with tempfile.TemporaryDirectory(prefix="chatvitals-bench-") as empty:
        began = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "chatvitals", "serve", "--dev", "--port", "0", "--data", data or empty],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **settings},
        )
        os.sched_setaffinity(process.pid, cores)
        try:
            assert process.stdout is not None
            url = process.stdout.readline().split()[3]
            yield BenchServer(url, process.pid, time.monotonic() - began)
        finally:
            process.terminate()
            process.wait(30)
