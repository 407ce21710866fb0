"""A server that fares well, for pages without one."""

from chatvitals.dashboard.system_state import AlertingState, Held, Store, SystemState, Ticked, Writing

MINUTE_MS = 60_000
MB = 1_000_000


def writing(now_ms: int) -> Writing:
    return Writing(
        written_per_s=420.0,
        written_events=1_234_567,
        written_ms=now_ms - 400,
        lag_ms=900,
        store_failure="",
        waiting_bytes=200_000,
        waiting_most_bytes=1 << 30,
        oldest_ms=now_ms - 600,
        spool_failure="",
    )


def system_state(now_ms: int) -> SystemState:
    return SystemState(
        started_ms=now_ms - 3 * 3_600_000,
        pid=4_711,
        data="/var/lib/chatvitals",
        writing=writing(now_ms),
        held=(
            Held(table="events", partition="20260920", parts=3, rows=1_000_000, bytes=17 * MB),
            Held(table="events", partition="20260921", parts=9, rows=250_000, bytes=5 * MB),
            Held(table="outcomes", partition="202609", parts=2, rows=4_000, bytes=40_000),
            Held(table="rollup_hours", partition="202609", parts=4, rows=90_000, bytes=12 * MB),
        ),
        damaged=(),
        control=Store(
            name="SQLite", version="3.46.1", place="/var/lib/chatvitals/control.sqlite", schema="0002", bytes=MB
        ),
        disk_free_bytes=80_000 * MB,
        disk_bytes=270_000 * MB,
        alerting=AlertingState(
            here=True,
            holder="server-1",
            epoch=3,
            expires_ms=now_ms + 12_000,
            failures=0,
            ticked=(
                Ticked(lane="fast", at_ms=now_ms - 1_000, rules=4, took_ms=12.3),
                Ticked(lane="slow", at_ms=now_ms - 20_000, rules=19, took_ms=340.0),
            ),
        ),
        versions={"chatvitals": "0.1.0", "Python": "3.11.7", "events engine": "26.9.2.1"},
    )
