"""The channel `email`: one message to all its recipients, one thread an incident."""
