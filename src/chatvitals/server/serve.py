"""Running the server: one process, one event loop, until a signal ends it."""

import asyncio
import gc
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
import uvloop

from chatvitals.errors import SettingsError
from chatvitals.server.app import Application
from chatvitals.server.guard import api_token
from chatvitals.server.service import Service, running_service
from chatvitals.settings import Settings

LOOPBACK = ("127.0.0.1", "::1", "localhost")
DEMO_SITE = "demo"
DEMO_KEY = "demo-key"
MAX_SAID_BYTES = 256 << 10
"""The longest message that a viewer may send."""
DRAIN_S = 4
"""How long requests under way may take after the signal; the spool and the store need the rest of ten seconds."""


class _Server(uvicorn.Server):
    """uvicorn's own handling of signals raises them again when it is done, which would end us before the spool is."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to `serve`."""
        yield


async def serve(settings: Settings, *, dev: bool, ready: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM, then finish what was accepted; `ready` gets the URL once requests are taken.

    `dev` means this machine only, no token, and a site `demo` with the write key `demo-key`.
    Raises SettingsError, DataDirectoryBusy, EngineError.
    """
    if dev and settings.host not in LOOPBACK:
        raise SettingsError(
            f"serve --dev asks nobody for a token, so it listens on loopback only, not on {settings.host}"
        )
    async with running_service(settings) as service:
        if dev:
            _prepare_demo(service)
        server = _Server(
            uvicorn.Config(
                Application(service, None if dev else api_token(settings)),
                host=settings.host,
                port=settings.port,
                http="httptools",
                ws="websockets-sansio",
                ws_max_size=MAX_SAID_BYTES,
                ws_per_message_deflate=False,
                lifespan="off",
                access_log=False,
                log_config=None,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=75,
                timeout_graceful_shutdown=DRAIN_S,
            )
        )
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, lambda: setattr(server, "should_exit", True))
        gc.collect()
        gc.freeze()
        listener = _listen(settings)
        announced = asyncio.create_task(_announce(server, listener, ready))
        await server.serve(sockets=[listener])
        await announced


def _listen(settings: Settings) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
        return socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        raise SettingsError(
            f"can't listen on {settings.host} port {settings.port}: {error.strerror}; choose another with --port"
        ) from error


async def _announce(server: uvicorn.Server, listener: socket.socket, ready: Callable[[str], None]) -> None:
    while not server.started and not server.should_exit:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    host, port = listener.getsockname()[:2]
    ready(f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}")


def _prepare_demo(service: Service) -> None:
    service.sites.ensure_site(DEMO_SITE)
    if not any(key.key == DEMO_KEY for key in service.sites.all_keys()):
        service.sites.add_key(DEMO_SITE, "for development", DEMO_KEY)
    service.keyring.refresh()


def run(settings: Settings, *, dev: bool, ready: Callable[[str], None]) -> None:
    """Serve, on an event loop of its own."""
    uvloop.run(serve(settings, dev=dev, ready=ready))
