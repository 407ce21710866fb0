"""Saved views: dashboards that people put together from panels, each of a metric, and share by their addresses."""
