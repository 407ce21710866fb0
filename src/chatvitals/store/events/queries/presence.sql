-- Who was there: events and sessions of all kinds.
SELECT
    $bucket AS bucket,
    $key AS key,
    count() AS n,
    uniqExactIf(session, session != 0) AS sessions
FROM events
WHERE $condition
GROUP BY bucket, key
