"""What events of the page say: starts, files, renders, scrolls, memory, errors, the host, and the SDK's account."""

from chatvitals.catalogue.kinds import Boot, Bundle, Error, Host, Memory, Render, Scroll, Sdk
from chatvitals.dashboard.saying import digits, duration, plural
from chatvitals.dashboard.story.moment import FRAME_MS, Sort, Told
from chatvitals.dashboard.story.reasons import because

_STEPS = {
    "requested": "the page asked for the widget",
    "script": "the widget's script ran",
    "frame": "the widget's frame was there",
    "ready": "the widget was ready",
}


def boot(event: Boot) -> Told:
    """A step of the start."""
    if event.stage == "failed":
        return Told(
            sort=Sort.START,
            words=f"the widget did not start{because(event.reason)}",
            many="starts failed",
            grade="bad",
            meaning="There was no chat on this page.",
        )
    took = f" after {duration(event.duration)}" if event.duration else ""
    step = _STEPS[event.stage]
    return Told(
        sort=Sort.START,
        words=f"{step}{took}",
        many=f"times {step}",
        grade="good" if event.stage == "ready" else "",
    )


def bundle(event: Bundle) -> Told:
    """A file of the widget."""
    cached = " out of the cache" if event.cached else ""
    return Told(
        sort=Sort.START,
        words=f"a file of the widget loaded{cached} in {duration(event.load_time)}",
        many="files of the widget loaded",
        value=event.load_time,
        unit="ms",
    )


def render(event: Render) -> Told:
    """A message on its way to the screen."""
    slow = event.render_time > FRAME_MS
    return Told(
        sort=Sort.SCREEN,
        words=f"a message was painted in {duration(event.render_time)}{', more than a frame' if slow else ''}",
        many="slow renders" if slow else "renders",
        grade="warning" if slow else "",
        value=event.render_time,
        unit="ms",
    )


def scroll(event: Scroll) -> Told:
    """A scroll of the list."""
    late = (
        f", {event.late_frames} of {plural(event.frames, 'frame')} late" if event.frames and event.late_frames else ""
    )
    return Told(
        sort=Sort.SCREEN, words=f"the list was scrolled at {digits(event.fps)} fps{late}", many="scrolls of the list"
    )


def memory(event: Memory) -> Told:
    """A snapshot of the heap."""
    return Told(
        sort=Sort.OTHER, words=f"the heap had {digits(event.used_bytes / 1e6)} MB", many="snapshots of the heap"
    )


def error(event: Error) -> Told:
    """An error inside the widget."""
    handled = {True: " and handled", False: " and not handled", None: ""}[event.handled]
    message = f": {event.message}" if event.message else ""
    return Told(
        sort=Sort.ERROR,
        words=f"{event.type} was raised{handled}{message}",
        many=f"times {event.type} was raised{handled}{message}",
        grade="warning" if event.handled else "bad",
    )


def host(_event: Host) -> Told:
    """What the page was like for its visitor; it is told when the page is hidden or left."""
    return Told(
        sort=Sort.OTHER, words="the page told what it was like for its visitor", many="reports of the host page"
    )


def sdk(event: Sdk) -> Told:
    """The SDK's account of itself, which it gives when a page is hidden or left."""
    dropped = sum((event.dropped or {}).values())
    reasons = ", ".join(event.dropped or ())
    return Told(
        sort=Sort.LEFT,
        words="the page was hidden or left",
        many="times the page was hidden or left",
        grade="warning" if dropped else "",
        meaning=f"The SDK dropped {plural(dropped, 'event')} since its account before ({reasons})." if dropped else "",
    )
