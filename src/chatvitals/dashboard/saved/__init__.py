"""Saved views: dashboards that people put together from panels, each of a metric. Pure, but for the book of them."""
