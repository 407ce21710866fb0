-- Heap by session: the greatest snapshot of each, and the last of those that are live at the end of their bucket.
SELECT
    bucket,
    key,
    count() AS sessions,
    quantilesExactInclusive(0.5, 0.95, 0.99)(peak)::Array(Float64) AS peaks,
    countIf(live) AS live_sessions,
    quantilesExactInclusiveIf(0.5, 0.95, 0.99)(last, live)::Array(Float64) AS lasts
FROM
(
    SELECT
        $bucket AS bucket,
        $key AS key,
        max(bytes) AS peak,
        argMax(bytes, ts) AS last,
        toUnixTimestamp64Milli(max(ts)) >= $bucket_end - {live:Int64} AS live
    FROM events
    WHERE kind = 'memory' AND $condition
    GROUP BY bucket, key, site, session
)
GROUP BY bucket, key
