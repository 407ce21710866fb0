-- Sessions, the worst first: by the counts of what went wrong in the order of its gravity, then the newest.
SELECT
    site,
    session,
    toUnixTimestamp64Milli(max(ts)) AS ended,
    $troubles,
    count() OVER () AS total
FROM events
WHERE session != 0 AND $sought AND $condition
GROUP BY site, session
HAVING $wrong
ORDER BY $gravest, ended DESC, site, session
LIMIT {limit:UInt32} OFFSET {offset:UInt64}
