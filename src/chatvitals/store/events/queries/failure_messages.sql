-- The different messages of one group, the most frequent first.
SELECT message, sum(stands_for) AS events
FROM ($failures)
WHERE id = {group:String} AND message != ''
GROUP BY message
ORDER BY events DESC, message
LIMIT {most:UInt32}
