-- How much was seen: events, sessions, tabs, and how many ordinals are missing between each tab's first and last.
SELECT
    sum(events) AS events,
    uniqExactIf(session, session != 0) AS sessions,
    countIf(tab != 0) AS tabs,
    sum(expected) AS expected,
    sum(received) AS received
FROM
(
    SELECT
        session,
        tab,
        count() AS events,
        maxIf(seq, seq >= 0) - minIf(seq, seq >= 0) + (countIf(seq >= 0) > 0) AS expected,
        uniqExactIf(seq, seq >= 0) AS received
    FROM events
    WHERE $condition
    GROUP BY site, session, tab
)
