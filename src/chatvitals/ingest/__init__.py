"""From a request's bytes to events on disk: decode, check, clean, spool, and bring to the events store."""
