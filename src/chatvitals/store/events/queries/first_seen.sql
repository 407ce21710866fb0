-- When each release was seen first in a window that reaches back far enough to tell new ones from those that were there.
SELECT
    release,
    toUnixTimestamp64Milli(min(ts)) AS first_ms
FROM events
WHERE release NOT IN ('', {overflow:String}) AND $condition
GROUP BY release
HAVING first_ms >= {from_ms:Int64}
ORDER BY first_ms, release
LIMIT {most:UInt32}
