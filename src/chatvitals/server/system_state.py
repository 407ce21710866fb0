"""How this server fares, for the system page."""

import os
import platform
import shutil
from importlib.metadata import version
from pathlib import Path

from chatvitals import __version__
from chatvitals.alerting.loop import LEASE
from chatvitals.dashboard.system_state import AlertingState, Held, Store, SystemState, Ticked, Writing
from chatvitals.server.service import Service
from chatvitals.store.control.description import describe
from chatvitals.store.control.leases import Leases
from chatvitals.store.events.inventory import engine_version, partitions

_MADE_OF = ("chdb-core", "starlette", "uvicorn", "msgspec", "sqlalchemy", "jinja2")


class SystemReading:
    """Reads the parts of one service."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._started_ms = service.clock()
        self._leases = Leases(service.database, service.clock)

    def __call__(self) -> SystemState:
        """As it is now. Blocks. Raises EngineError."""
        service = self._service
        control, disk = describe(service.database), shutil.disk_usage(service.settings.data)
        return SystemState(
            started_ms=self._started_ms,
            pid=os.getpid(),
            data=str(Path(service.settings.data).resolve()),
            writing=self._writing(),
            held=tuple(
                Held(table=one.table, partition=one.name, parts=one.parts, rows=one.rows, bytes=one.bytes)
                for one in partitions(service.engine)
            ),
            damaged=service.damaged_parts,
            control=Store(
                name=control.name,
                version=control.version,
                place=control.place,
                schema=control.schema,
                bytes=control.bytes,
            ),
            disk_free_bytes=disk.free,
            disk_bytes=disk.total,
            alerting=self._alerting(),
            versions={
                "chatvitals": __version__,
                "Python": platform.python_version(),
                "events engine": engine_version(service.engine),
                control.name: control.version,
                **{name: version(name) for name in _MADE_OF},
            },
        )

    def _writing(self) -> Writing:
        writer, spool = self._service.writer, self._service.spool
        return Writing(
            written_per_s=writer.throughput.per_second(),
            written_events=writer.rows_written,
            written_ms=writer.written_ms,
            lag_ms=writer.lag_ms,
            store_failure=writer.failure or "",
            waiting_bytes=spool.unsettled_bytes,
            waiting_most_bytes=self._service.settings.max_spool_bytes,
            oldest_ms=spool.oldest_ms,
            spool_failure=spool.failure or "",
        )

    def _alerting(self) -> AlertingState:
        loop, held = self._service.alerting.loop, self._leases.held(LEASE)
        return AlertingState(
            here=loop.active,
            holder=held.lease.holder if held else "",
            epoch=held.lease.epoch if held else 0,
            expires_ms=held.expires_ms if held else None,
            failures=loop.failures,
            ticked=tuple(
                Ticked(lane=lane, at_ms=one.at_ms, rules=one.rules, took_ms=one.took_ms)
                for lane, one in loop.ticked.items()
            ),
        )
