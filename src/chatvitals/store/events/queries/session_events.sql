-- The events of one session, oldest first.
SELECT
    site,
    kind,
    toUnixTimestamp64Milli(ts) AS at,
    skew,
    tab,
    seq,
    $columns
FROM events
WHERE session = {session:UInt64} AND $condition
ORDER BY ts, tab, seq
LIMIT {limit:UInt32} OFFSET {offset:UInt64}
