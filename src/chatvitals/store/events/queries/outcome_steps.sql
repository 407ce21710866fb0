-- What became of received events over time.
SELECT intDiv(toInt64(toUnixTimestamp(minute)) * 1000 - {start:Int64}, {step:Int64}) AS step, outcome, sum(n) AS n
FROM outcomes
WHERE minute >= {from:DateTime('UTC')} AND minute < {to:DateTime('UTC')} AND $sites
GROUP BY step, outcome
ORDER BY step, outcome
