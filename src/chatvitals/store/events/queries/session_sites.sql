-- How many events there are of some sessions, by site: a hash that was imported elsewhere is there as well.
SELECT
    site,
    countIf(session IN {sessions:Array(UInt64)}) AS of_sessions,
    count() AS events
FROM events
WHERE $of_journey AND $condition
GROUP BY site
HAVING of_sessions > 0
ORDER BY site
