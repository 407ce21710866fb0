"""Notifications as requests to a URL, signed as Standard Webhooks says."""
