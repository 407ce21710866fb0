"""One folder a channel: its settings, its templates, and how it sends."""
