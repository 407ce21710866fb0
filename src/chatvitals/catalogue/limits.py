"""The limits of every value that a widget may send: lengths in characters, numbers in their field's unit.

Text that is too long for its place is cut, never refused; numbers outside their range are refused,
because a wrong number would be believed.
"""

from typing import Annotated

from msgspec import Meta

MAX_TEXT = 200
"""Free text is kept up to this many characters, after scrubbing."""

MAX_WIRE_TEXT = 4_000
"""Text longer than this on the wire is refused before anything looks into it."""

MAX_MILLISECONDS = 86_400_000.0
MAX_BYTES = 1 << 50
MAX_COUNT = 2_000_000_000
MAX_EPOCH_MS = 4_102_444_800_000.0
"""1 January 2100, in Unix milliseconds."""

Text = Annotated[str, Meta(max_length=MAX_WIRE_TEXT)]
Identifier = Annotated[str, Meta(min_length=1, max_length=256)]
Milliseconds = Annotated[float, Meta(ge=0, le=MAX_MILLISECONDS)]
Timestamp = Annotated[float, Meta(ge=0, le=MAX_EPOCH_MS)]
Bytes = Annotated[int, Meta(ge=0, le=MAX_BYTES)]
Count = Annotated[int, Meta(ge=0, le=MAX_COUNT)]
Share = Annotated[float, Meta(ge=0, le=1)]
FramesPerSecond = Annotated[float, Meta(ge=0, le=1_000)]
LayoutShift = Annotated[float, Meta(ge=0, le=1_000)]
HttpStatus = Annotated[int, Meta(ge=0, le=999)]
CloseCode = Annotated[int, Meta(ge=0, le=4_999)]
SampleRate = Annotated[float, Meta(gt=0, le=1)]
CountsByReason = Annotated[dict[Identifier, Count], Meta(max_length=32)]
