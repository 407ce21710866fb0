"""Whom an incident is told to, and when: matchers, the route tree, silences, inhibition, grouping and escalation."""
