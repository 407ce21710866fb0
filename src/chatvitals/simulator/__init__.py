"""A fleet of chat widgets: seeded visitors whose events are sent over HTTP, with faults planted on request.

Speaks only HTTP and imports nothing else of ours but the vocabulary. The world is pure (`fleet`, `story`,
`faults`, `timeline`); `live` and `backfill` send what happens in it, `truth` writes down what was kept.
"""
