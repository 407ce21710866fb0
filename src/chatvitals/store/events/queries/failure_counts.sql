-- How often each group occurred.
SELECT id, sum(stands_for) AS events
FROM ($failures)
GROUP BY id
