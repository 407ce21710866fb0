"""Notifications to chat services and pagers, through the package apprise."""
