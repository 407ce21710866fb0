"""What the client has to say to the people who run the back end: each thing once, or their log would be full of it."""

import logging

_log = logging.getLogger("chatvitals.client")


class Once:
    """Warnings by topic; only the first of each is logged."""

    def __init__(self) -> None:
        self._said: set[str] = set()

    def warn(self, topic: str, text: str) -> None:
        """Log a warning, unless there was one on this topic."""
        if topic not in self._said:
            self._said.add(topic)
            _log.warning("%s (said once)", text)
