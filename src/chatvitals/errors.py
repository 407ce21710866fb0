"""The errors that reach people. `server/problems.py` is the one place that turns them into HTTP answers."""

from typing import ClassVar


class ChatvitalsError(Exception):
    """Something that its reader can act on; the message says what happened and what to do."""


class RequestError(ChatvitalsError):
    """A request that is not carried out. `status` is HTTP's; `reason` names it in outcomes and problem types."""

    status: ClassVar[int] = 400
    reason: ClassVar[str] = "bad_request"
    title: ClassVar[str] = "Bad request"


class BadRequest(RequestError):
    """The request can't be understood as it is. `field` names the part, where it is known.

    `events` is how many events it had; 1 where they couldn't be told apart.
    """

    def __init__(self, message: str, field: str | None = None, events: int = 1) -> None:
        super().__init__(message)
        self.field = field
        self.events = events


class Unauthorised(RequestError):
    """No valid key came with the request."""

    status, reason, title = 401, "unauthorised", "Unauthorised"


class Forbidden(RequestError):
    """The key is valid, but not for this."""

    status, reason, title = 403, "forbidden", "Forbidden"


class NotFound(RequestError):
    """There is nothing under this name."""

    status, reason, title = 404, "not_found", "Not found"


class TimedOut(RequestError):
    """The client took too long to send its request."""

    status, reason, title = 408, "timed_out", "Request timed out"


class Conflict(RequestError):
    """The request contradicts one that was accepted before."""

    status, reason, title = 409, "conflict", "Conflict"


class TooLarge(RequestError):
    """The body, its decoded form or the number of its events is over the limit."""

    status, reason, title = 413, "too_large", "Content too large"


class UnsupportedMedia(RequestError):
    """The body's type or encoding is not one that is read here."""

    status, reason, title = 415, "unsupported_media", "Unsupported media type"


class RateLimited(RequestError):
    """Too much from one key; `retry_after_s` seconds from now there is room again."""

    status, reason, title = 429, "rate_limited", "Too many events"

    def __init__(self, message: str, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Unavailable(RequestError):
    """The server can't do this now; nothing was kept, and trying again later is right."""

    status, reason, title = 503, "unavailable", "Temporarily unavailable"

    def __init__(self, message: str, retry_after_s: float = 5.0) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Unexpected(RequestError):
    """A mistake of ours."""

    status, reason, title = 500, "unexpected", "Internal error"


class SettingsError(ChatvitalsError):
    """The settings are wrong; the message lists every error, one a line."""


class DataDirectoryBusy(ChatvitalsError):
    """Another process works on the data directory."""


class EngineError(ChatvitalsError):
    """The events engine refused or failed a statement."""
