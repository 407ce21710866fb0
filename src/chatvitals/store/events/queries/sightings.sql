-- When each release was first and last seen, Unix milliseconds: exactly as long as its raw events are kept, and to the
-- hour in what only rollups tell.
SELECT
    seen_release AS release,
    min(first) AS first_ms,
    max(last) AS last_ms
FROM
(
    SELECT
        toString(release) AS seen_release,
        toUnixTimestamp64Milli(min(ts)) AS first,
        toUnixTimestamp64Milli(max(ts)) AS last
    FROM events
    WHERE $condition
    GROUP BY seen_release
    UNION ALL
    SELECT
        toString(release) AS seen_release,
        toInt64(toUnixTimestamp(min(hour))) * 1000 AS first,
        toInt64(toUnixTimestamp(max(hour))) * 1000 AS last
    FROM rollup_hours
    WHERE measure = '@all' AND toUnixTimestamp(hour) * 1000 < {raw_from:Int64} AND $rollup_condition
    GROUP BY seen_release
)
GROUP BY release
