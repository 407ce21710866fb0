"""What happens in one visitor's session, told page by page as events with the names of the wire.

Pure: a session's own dice decide everything, so a session is the same whatever happens to the others.
"""
