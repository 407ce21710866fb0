"""The vocabulary: kinds of event, their fields and limits, dimensions, measures, metrics and bands.

Imports nothing else of ours; everything else is derived from it.
"""
