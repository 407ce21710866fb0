"""A real Alertmanager, in a process of its own on loopback."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import httpx2
from tests.support.server import free_port, wait_until

ROOT = Path(__file__).parents[2]


@cache
def _program() -> str:
    found = subprocess.run([ROOT / "tools" / "bring_alertmanager.sh"], stdout=subprocess.PIPE, text=True, check=True)
    return found.stdout.strip()


class Alertmanager:
    """Where it listens, and what it knows."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._client = httpx2.Client(base_url=self.url, trust_env=False)

    def ready(self) -> bool:
        try:
            return self._client.get("/-/ready").status_code == 200
        except httpx2.TransportError:
            return False

    def alerts(self) -> list[dict[str, Any]]:
        """Those that it holds for active."""
        answer = self._client.get("/api/v2/alerts")
        assert answer.status_code == 200
        found: list[dict[str, Any]] = answer.json()
        return found

    def close(self) -> None:
        self._client.close()


@contextmanager
def running_alertmanager(folder: Path, webhook: str) -> Iterator[Alertmanager]:
    """One that tells `webhook` about everything at once."""
    config = folder / "alertmanager.yml"
    config.write_text(
        f"""
route: {{receiver: hook, group_by: [alertname], group_wait: 0s, group_interval: 1s}}
receivers: [{{name: hook, webhook_configs: [{{url: "{webhook}"}}]}}]
"""
    )
    port = free_port()
    with (folder / "alertmanager.log").open("wb") as log:
        process = subprocess.Popen(
            [
                *(_program(), f"--config.file={config}", f"--storage.path={folder / 'storage'}"),
                *(f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address="),
            ],
            stdout=log,
            stderr=log,
        )
    manager = Alertmanager(port)
    try:
        wait_until(manager.ready, "Alertmanager is ready")
        yield manager
    finally:
        manager.close()
        process.kill()
        process.wait()
