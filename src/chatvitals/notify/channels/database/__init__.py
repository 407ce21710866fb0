"""Notifications kept in the control store, for the API and the page."""
