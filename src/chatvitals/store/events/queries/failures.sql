-- Everything that went wrong in a widget, in the same columns: errors, and operations that failed.
-- `type` says what went wrong, `place` where; a group is what agrees in source, type, place and fingerprint.
SELECT
    kind AS source,
    multiIf(
        kind IN ('error', 'persistence'), if(error_type = '', 'unknown', toString(error_type)),
        kind = 'restoration', if(detail = '', 'unknown', toString(detail)),
        kind = 'api', if(count1 > 0, concat('HTTP ', toString(count1)), 'no answer'),
        kind = 'connection', if(count2 >= 0, concat('close code ', toString(count2)), 'no connection'),
        'not seen in the other tab'
    ) AS type,
    if(kind IN ('persistence', 'api'), trim(BOTH ' ' FROM concat(label, ' ', detail)), '') AS place,
    if(kind = 'error', toString(detail), '') AS fingerprint,
    lower(hex(cityHash64(toString(kind), type, place, fingerprint))) AS id,
    if(kind = 'error', text, '') AS message,
    if(kind = 'error', flag, toInt8(1)) AS caught,
    $bucket AS bucket,
    toUnixTimestamp64Milli(ts) AS happened,
    site,
    session,
    toFloat64(weight) AS stands_for,
    toString(customer) AS customer,
    toString(release) AS release,
    toString(browser) AS browser,
    toString(page) AS page
FROM events
WHERE $sources AND $condition
