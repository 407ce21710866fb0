"""From a question (metrics, window, filters, scope) to figures. The only place that reads events.

Every query is built by `build.py`, which adds the scope; nothing reads around it.
"""
