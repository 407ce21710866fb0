-- Mergeable statistics of one measure from raw events: what an hour's rollup is made of, and what is read
-- beside rollups where an hour has none.
SELECT
    '$measure' AS measure,
    toString(events.site) AS site,
    toStartOfHour(ts) AS hour,
    toString(events.release) AS release,
    toString(events.variant) AS variant,
    $bucket AS bucket,
    $key AS key,
    count() AS n,
    sum(toFloat64(weight)) AS weight_sum,
    $total AS total,
    $least AS least,
    $greatest AS greatest,
    $digest AS digest,
    uniqExactStateIf(session, $with_sessions AND session != 0) AS sessions
FROM events
WHERE $kinds AND ($where) AND $condition AND $hours
GROUP BY site, hour, release, variant, bucket, key
