"""The events: raw, rolled up, and their outcomes, in ClickHouse's dialect on whichever engine runs it."""
