-- Whom bad events touch, of all that were seen; and the ten with the most bad events by name.
WITH
    touched > 0 AS bad,
    sumMapIf([toString(site)], [touched], bad) AS by_site,
    sumMapIf([toString(customer)], [touched], bad AND customer != '') AS by_customer,
    sumMapIf([toString(release)], [touched], bad AND release != '') AS by_release,
    (names, sums) -> arraySlice(arraySort((name, sum) -> (-sum, name), names, sums), 1, 10) AS most
SELECT
    length(by_site.1) AS sites,
    length(by_customer.1) AS customers,
    length(by_release.1) AS releases,
    uniqExactIf(session, bad AND session != 0) AS sessions,
    uniqExactIf(customer, (seen OR bad) AND customer != '') AS customers_seen,
    uniqExactIf(session, (seen OR bad) AND session != 0) AS sessions_seen,
    most(by_site.1, by_site.2) AS site_names,
    most(by_customer.1, by_customer.2) AS customer_names,
    most(by_release.1, by_release.2) AS release_names
FROM
(
    SELECT
        site,
        customer,
        release,
        session,
        toFloat64($touched) AS touched,
        $seen AS seen
    FROM events
    WHERE ($kinds) AND $condition
    GROUP BY site, customer, release, session
)
