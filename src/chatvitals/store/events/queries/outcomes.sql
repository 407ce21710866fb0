-- What became of every received event.
SELECT site, outcome, reason, sum(n) AS n
FROM outcomes
WHERE minute >= {from:DateTime('UTC')} AND minute < {to:DateTime('UTC')} AND $sites
GROUP BY site, outcome, reason
ORDER BY site, outcome, reason
