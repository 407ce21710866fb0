"""From a notification to somebody's hands: the outbox, which loses nothing, and the channels."""
