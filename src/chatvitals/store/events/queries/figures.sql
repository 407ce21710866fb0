-- Statistics of one kind's measures, from raw events.
SELECT
    '$kind' AS asked_kind,  -- not kind: an alias hides the column from WHERE
    $bucket AS bucket,
    $key AS key,
    count() AS n,
    uniqExactIf(session, session != 0) AS sessions,
    $customers AS customers,
    min(weight) = max(weight) AS evenly_sampled,
    [$statistics] AS statistics
FROM events
WHERE kind = '$kind' AND $condition
GROUP BY bucket, key
