-- Sessions in which the conversations of one session were seen, and when; with that one's own conversations.
SELECT
    session,
    toUnixTimestamp64Milli(min(ts)) AS started,
    toUnixTimestamp64Milli(max(ts)) AS ended,
    groupUniqArray(conversation) AS conversations
FROM events
WHERE session != 0 AND $condition
    AND conversation IN
    (
        SELECT DISTINCT conversation
        FROM events
        WHERE session = {session:UInt64} AND conversation != 0 AND $condition
    )
GROUP BY session
ORDER BY started, session
LIMIT {limit:UInt32}
