-- When an event came, for those who must be told of what comes late: a widget that was offline for an hour tells of its
-- losses then. What was imported came when it happened; so did, as far as is known, what was stored before this column.
ALTER TABLE events ADD COLUMN IF NOT EXISTS received DateTime('UTC') DEFAULT toDateTime(ts) CODEC(Delta, LZ4) AFTER skew;
