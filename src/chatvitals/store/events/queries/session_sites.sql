-- How many events there are of one session, by site: a hash that was imported elsewhere is there as well.
SELECT site, count() AS events
FROM events
WHERE session = {session:UInt64} AND $condition
GROUP BY site
ORDER BY site
