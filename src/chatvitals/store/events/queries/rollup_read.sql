-- Hours from their rollups, the rest of the window from raw events, merged.
SELECT
    measure,
    bucket,
    key,
    sum(n) AS n,
    sum(weight_sum) AS weight,
    sum(total) AS total,
    min(least) AS least,
    max(greatest) AS greatest,
    quantilesTDigestWeightedMerge(0.5, 0.95, 0.99)(digest)::Array(Float64) AS quantiles,
    uniqExactMerge(sessions) AS sessions
FROM
(
    SELECT
        measure,
        $rollup_bucket AS bucket,
        $key AS key,
        n,
        weight AS weight_sum,
        total,
        least,
        greatest,
        digest,
        sessions
    FROM rollup_hours
    WHERE measure IN {measures:Array(String)}
      AND hour >= {first_hour:DateTime('UTC')}
      AND hour < {end_hour:DateTime('UTC')}
      AND hour NOT IN {stale_hours:Array(DateTime('UTC'))}
      AND (hour, version) IN
      (
          SELECT hour, max(version)
          FROM rollup_hours
          WHERE hour >= {first_hour:DateTime('UTC')} AND hour < {end_hour:DateTime('UTC')}
          GROUP BY hour
      )
      AND $rollup_condition
    UNION ALL
    SELECT measure, bucket, key, n, weight_sum, total, least, greatest, digest, sessions
    FROM
    (
        $sources
    )
)
GROUP BY measure, bucket, key
