-- The first and the last event that came, of those that a question is about.
SELECT
    count() AS events,
    toUnixTimestamp64Milli(min(received)) AS first_ms,
    argMin((kind, customer, browser, page), received) AS first,
    toUnixTimestamp64Milli(max(received)) AS last_ms,
    argMax((kind, customer, browser, page), received) AS last
FROM events
WHERE $condition
