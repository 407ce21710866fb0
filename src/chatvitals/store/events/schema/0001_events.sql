-- Raw events: one row an event, kept for the raw retention (30 days unless set otherwise).
-- catalogue/columns.py says which field of which kind each shared column carries.
CREATE TABLE events
(
    site         LowCardinality(String),
    kind         LowCardinality(String),
    ts           DateTime64(3, 'UTC') CODEC(Delta, LZ4),  -- corrected; the client's own is ts - skew
    skew         Int64,                                   -- milliseconds added to the client's clock
    session      UInt64,                                  -- keyed hash of the session id
    tab          UInt32,
    seq          Int32,                                   -- ordinal in the tab, -1 where the sender keeps none
    weight       Float32,                                 -- events this one stands for: 1 / sampling rate

    customer     LowCardinality(String),
    release      LowCardinality(String),
    variant      LowCardinality(String),
    page         LowCardinality(String),
    browser      LowCardinality(String),
    os           LowCardinality(String),
    device       LowCardinality(String),
    country      LowCardinality(String),

    success      Int8,
    flag         Int8,
    duration     Float32,
    error_type   LowCardinality(String),
    label        LowCardinality(String),
    detail       LowCardinality(String),
    text         String,
    bytes        Int64,
    bytes_limit  Int64,
    conversation UInt64,
    count1       Int32,
    count2       Int32,
    count3       Int32,
    number1      Float32,
    number2      Float32,
    number3      Float32,
    number4      Float32,
    number5      Float32
)
ENGINE = MergeTree
PARTITION BY toYYYYMMDD(ts)
ORDER BY (site, kind, ts)
SETTINGS
    min_rows_for_wide_part = 1000000,        -- a flush is one file, not two for each column
    min_bytes_for_wide_part = 200000000,
    non_replicated_deduplication_window = 10000,
    fsync_after_insert = 1,
    fsync_part_directory = 1,
    ttl_only_drop_parts = 1;

-- Every received event ends in exactly one outcome; counted by minute of receipt.
CREATE TABLE outcomes
(
    site    LowCardinality(String),
    minute  DateTime('UTC'),
    outcome LowCardinality(String),
    reason  LowCardinality(String),
    n       UInt64
)
ENGINE = SummingMergeTree(n)
PARTITION BY toYYYYMM(minute)
ORDER BY (site, minute, outcome, reason)
SETTINGS
    non_replicated_deduplication_window = 10000,
    fsync_after_insert = 1,
    fsync_part_directory = 1,
    ttl_only_drop_parts = 1;

-- Hours that are over, by measure: mergeable states that answer long windows (docs/decisions/0003).
-- An hour is always written whole under a new version; only its highest version counts.
CREATE TABLE rollup_hours
(
    site     LowCardinality(String),
    hour     DateTime('UTC'),
    version  UInt64,
    measure  LowCardinality(String),
    release  LowCardinality(String),
    variant  LowCardinality(String),
    n        UInt64,
    weight   Float64,
    total    Float64,
    least    Float64,
    greatest Float64,
    digest   AggregateFunction(quantilesTDigestWeighted(0.5, 0.95, 0.99), Float32, UInt32),
    sessions AggregateFunction(uniqExact, UInt64)
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(hour)
ORDER BY (measure, hour, site, release, variant)
SETTINGS
    fsync_after_insert = 1,
    fsync_part_directory = 1,
    ttl_only_drop_parts = 1;
