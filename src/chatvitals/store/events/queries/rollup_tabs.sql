-- Ordinals expected and received of every tab, as the pseudo-measure `@tabs`: n received, total expected.
SELECT
    '@tabs' AS measure,
    site,
    hour,
    tab_release AS release,
    tab_variant AS variant,
    bucket,
    key,
    sum(received) AS n,
    toFloat64(0) AS weight_sum,
    toFloat64(sum(expected)) AS total,
    toFloat64(0) AS least,
    toFloat64(0) AS greatest,
    $digest AS digest,
    uniqExactStateIf(tab_id, tab_id != 0) AS sessions
FROM
(
    SELECT
        toString(events.site) AS site,
        toStartOfHour(ts) AS hour,
        toString(any(events.release)) AS tab_release,
        toString(any(events.variant)) AS tab_variant,
        $bucket AS bucket,
        $key AS key,
        if(tab = 0, 0, cityHash64(session, tab)) AS tab_id,
        uniqExact(seq) AS received,
        max(seq) - min(seq) + 1 AS expected
    FROM events
    WHERE seq >= 0 AND $condition AND $hours
    GROUP BY site, hour, bucket, key, session, tab
)
GROUP BY site, hour, tab_release, tab_variant, bucket, key
