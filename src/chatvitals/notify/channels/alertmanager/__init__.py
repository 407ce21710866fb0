"""Alerts to an Alertmanager of Prometheus, by its API v2."""
