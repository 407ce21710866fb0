-- What went wrong, group by group, those with the most events first.
WITH (names, sums) -> arraySort((name, sum) -> (-sum, name), names, sums) AS most
SELECT
    id,
    source AS kind,
    type,
    place,
    fingerprint,
    argMax(message, happened) AS message,
    sum(stands_for) AS events,
    uniqExactIf(session, session != 0) AS sessions,
    uniqExactIf(customer, customer != '') AS customers,
    sumIf(stands_for, caught = 1) AS handled,
    sumIf(stands_for, caught = 0) AS unhandled,
    min(happened) AS first_ms,
    max(happened) AS last_ms,
    argMinIf(release, happened, release != '') AS first_release,
    sumMapIf([release], [stands_for], release != '') AS by_release,
    sumMapIf([browser], [stands_for], browser != '') AS by_browser,
    most(by_release.1, by_release.2) AS releases,
    most(by_browser.1, by_browser.2) AS browsers,
    sumMap([bucket], [stands_for]) AS by_bucket,
    by_bucket.1 AS buckets,
    by_bucket.2 AS bucket_events
FROM ($failures)
GROUP BY id, source, type, place, fingerprint
ORDER BY events DESC, id
LIMIT {most:UInt32}
