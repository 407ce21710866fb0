-- One group by the values of several dimensions.
SELECT
    dimension,
    value,
    sum(stands_for) AS events,
    uniqExactIf(session, session != 0) AS sessions
FROM ($failures)
ARRAY JOIN
    ['release', 'browser', 'customer', 'page'] AS dimension,
    [release, browser, customer, page] AS value
WHERE id = {group:String}
GROUP BY dimension, value
ORDER BY dimension, sessions DESC, events DESC, value
LIMIT {most:UInt32} BY dimension
