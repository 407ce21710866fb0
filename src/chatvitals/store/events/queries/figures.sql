-- Statistics of the measures of some kinds, from raw events, in one pass: a kind has its own rows.
SELECT
    toString(kind) AS asked_kind,  -- not kind: an alias hides the column from WHERE
    $bucket AS bucket,
    $key AS key,
    count() AS n,
    uniqExactIf(session, session != 0) AS sessions,
    $customers AS customers,
    min(weight) = max(weight) AS evenly_sampled,
    [$statistics] AS statistics
FROM events
WHERE kind IN {kinds:Array(String)} AND $condition
GROUP BY asked_kind, bucket, key
