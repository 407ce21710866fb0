"""Thirty days of made-up events, written by the engine itself: what query benchmarks read. The same each time."""

from chatvitals.store.events.engine import Engine

DAY_MS = 86_400_000
_ROWS_AT_ONCE = 1_000_000

_INSERT = """
INSERT INTO events
SELECT
    concat('site-', toString(tab % 400 % 3)) AS site,
    ['persistence', 'persistence', 'render', 'render', 'scroll', 'tabSync', 'api', 'api', 'bundle', 'memory',
     'message', 'message', 'restoration', 'navigation', 'connection', 'boot'][1 + cityHash64(number, 1) % 16] AS kind,
    fromUnixTimestamp64Milli({start} + intDiv(number * {length}, {total}), 'UTC') AS ts,
    0 AS skew,
    ts AS received,
    cityHash64(number % {together}, intDiv(number, 200 * {together})) AS session,
    toUInt32(session) AS tab,
    toInt32(intDiv(number, {together}) % 200) AS seq,
    1 AS weight,
    concat('customer-', toString(tab % 400)) AS customer,
    concat('2.', toString(intDiv(number * 6, {total}))) AS release,
    ['a', 'b'][1 + tab % 2] AS variant,
    concat('/page/', toString(cityHash64(number, 2) % 50)) AS page,
    concat('Chrome ', toString(150 + tab % 6)) AS browser,
    'Windows' AS os,
    'desktop' AS device,
    '' AS country,
    toInt8(cityHash64(number, 3) % 200 != 0) AS success,
    toInt8(cityHash64(number, 4) % 3 = 0) AS flag,
    toFloat32(exp(3 + sqrt(-2 * log((1 + cityHash64(number, 12) % 1000000) / 1000001))
        * cos(2 * pi() * (cityHash64(number, 13) % 1000000) / 1000000))) AS duration,
    if(success = 0, 'QuotaExceededError', '') AS error_type,
    ['save', 'sent', 'rendered'][1 + cityHash64(number, 5) % 3] AS label,
    if(kind = 'api', concat('/api/route/', toString(cityHash64(number, 6) % 30)), '') AS detail,
    '' AS text,
    toInt64(10000000 + cityHash64(number, 7) % 20000000) AS bytes,
    0 AS bytes_limit,
    0 AS conversation,
    toInt32(cityHash64(number, 8) % 500) AS count1,
    toInt32(cityHash64(number, 9) % 20) AS count2,
    0 AS count3,
    toFloat32(50 + cityHash64(number, 10) % 10) AS number1,
    toFloat32(30 + cityHash64(number, 11) % 20) AS number2,
    0 AS number3,
    0 AS number4,
    0 AS number5
FROM numbers({first}, {rows})
SETTINGS max_partitions_per_insert_block = 0
"""


def fill(engine: Engine, rows: int, end_ms: int, days: int = 30, together: int = 1) -> None:
    """Write `rows` events spread evenly over the `days` before `end_ms`, of so many sessions at a time."""
    for first in range(0, rows, _ROWS_AT_ONCE):
        engine.execute(
            _INSERT.format(
                start=end_ms - days * DAY_MS,
                length=days * DAY_MS,
                total=rows,
                first=first,
                together=together,
                rows=min(_ROWS_AT_ONCE, rows - first),
            )
        )
