-- The events of some sessions and of their conversations' back end, oldest first.
SELECT
    site,
    kind,
    toUnixTimestamp64Milli(ts) AS at,
    skew,
    session,
    tab,
    seq,
    $columns
FROM events
WHERE $of_journey AND $condition
ORDER BY ts, session, tab, seq
LIMIT {limit:UInt32} OFFSET {offset:UInt64}
