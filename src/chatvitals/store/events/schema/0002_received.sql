-- When an event came to the store, for those who must be told of what comes late: a widget that was offline for an hour
-- tells of its losses then, and so does a spool that the store took nothing of. What was imported came when it happened;
-- so did, as far as is known, what was stored before this column.
ALTER TABLE events ADD COLUMN IF NOT EXISTS received DateTime64(3, 'UTC') DEFAULT ts CODEC(Delta, LZ4) AFTER skew;
