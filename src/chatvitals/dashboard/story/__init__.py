"""The story of one session: its events in, what happened in plain words out. Pure."""
