"""From figures to incidents: rules, their evaluation, what is silenced, and whom it is routed to."""
