"""Alembic's migrations of the control store, applied at start."""
