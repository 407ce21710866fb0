-- What is told of some sessions beside their troubles.
SELECT
    site,
    session,
    toUnixTimestamp64Milli(min(ts)) AS started,
    count() AS events,
    uniqExactIf(tab, tab != 0) AS tabs,
    uniqExactIf(page, page != '') AS pages,
    uniqExactIf(conversation, kind = 'loss') AS conversations_lost,
    arraySort(groupUniqArrayIf(3)(toString(customer), customer != '')) AS customers,
    arraySort(groupUniqArrayIf(3)(toString(release), release != '')) AS releases,
    arraySort(groupUniqArrayIf(3)(toString(browser), browser != '')) AS browsers,
    $reasons
FROM events
WHERE session IN {sessions:Array(UInt64)} AND $condition
GROUP BY site, session
