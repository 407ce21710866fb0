-- What failed operations and losses name as their error, the most frequent first.
SELECT
    $bucket AS bucket,
    kind,
    if(error_type = '', 'unknown', error_type) AS type,
    round(sum(weight)) AS n
FROM events
WHERE (kind = 'loss' OR (kind = 'persistence' AND success = 0)) AND $condition
GROUP BY bucket, kind, type
ORDER BY n DESC, type
LIMIT 100 BY bucket, kind
