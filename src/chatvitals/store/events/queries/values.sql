-- The values of a dimension that hold a text, those with the most events first.
SELECT
    toString($column) AS value,
    count() AS n
FROM events
WHERE $condition AND $column != '' AND positionCaseInsensitiveUTF8($column, {search:String}) > 0
GROUP BY value
ORDER BY n DESC, value
LIMIT {limit:UInt32}
