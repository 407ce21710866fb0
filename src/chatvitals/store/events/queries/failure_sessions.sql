-- The sessions that one group occurred in, those with the most events first.
SELECT
    site,
    session,
    sum(stands_for) AS events,
    max(happened) AS last_ms,
    argMax(customer, happened) AS customer,
    argMax(release, happened) AS release,
    argMax(browser, happened) AS browser,
    argMax(page, happened) AS page
FROM ($failures)
WHERE id = {group:String} AND session != 0
GROUP BY site, session
ORDER BY events DESC, last_ms DESC, session
LIMIT {most:UInt32}
