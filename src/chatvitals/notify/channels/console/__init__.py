"""Notifications on the server's standard error."""
