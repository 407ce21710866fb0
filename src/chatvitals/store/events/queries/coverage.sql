-- How much was seen: events, sessions, tabs, and how many ordinals are missing between each tab's first and last.
SELECT
    bucket,
    sum(n) AS events,
    uniqExactIf(session, session != 0) AS sessions,
    countIf(tab != 0) AS tabs,
    sum(last - first + 1) AS expected,
    sum(ordinals) AS received
FROM
(
    SELECT
        $bucket AS bucket,
        session,
        tab,
        count() AS n,
        countIf(seq >= 0) > 0 AS counted,
        if(counted, maxIf(seq, seq >= 0), -1) AS last,
        if(counted, minIf(seq, seq >= 0), 0) AS first,
        uniqExactIf(seq, seq >= 0) AS ordinals
    FROM events
    WHERE $condition
    GROUP BY bucket, site, session, tab
)
GROUP BY bucket
