"""What the reasons that widgets give mean, and what to do about them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Meaning:
    """`means` says what happened, `remedy` what to do."""

    means: str
    remedy: str


BOOT_REASONS: dict[str, Meaning] = {
    "blocked": Meaning(
        "The widget's script could not be loaded: a content blocker, a firewall, or the host that serves it is down.",
        "Serve the script from the customer's own domain or one that lists don't name, and watch that it is up.",
    ),
    "csp": Meaning(
        "The host page's content security policy forbids what the widget needs.",
        "Have the customer add the widget's origin to script-src, frame-src and connect-src.",
    ),
    "consent": Meaning(
        "The visitor hasn't agreed, so the widget didn't start. That is as it should be.",
        "Nothing, unless it is far more than on other customers' pages: then look at how consent is asked for there.",
    ),
    "storage": Meaning(
        "The widget got no storage, and doesn't start without.",
        "Start with the conversation in memory or on the server; the storage page says which browsers refuse.",
    ),
    "error": Meaning(
        "An error in the widget's own code ended its start.",
        "Look at the errors page, by release: what is new in the release that fails most?",
    ),
    "": Meaning(
        "No reason given. A host page tells this when the page was left and no widget had taken over: the visitor was"
        " faster than the script, or the page's policy on trusted types kept it from loading.",
        "Compare the time to script: where that is long, visitors leave first. Where it is short, look at the policy.",
    ),
}
"""Why starts fail, by the reasons of the catalogue; '' where none was given."""

REFUSALS: dict[str, Meaning] = {
    "SecurityError": Meaning(
        "The browser denies storage: cookies and site data are switched off, the frame is sandboxed without"
        " allow-same-origin, or storage in frames of other sites is blocked.",
        "Keep the conversation in memory or on the server there; in a frame, ask with the Storage Access API.",
    ),
    "QuotaExceededError": Meaning(
        "There is no room: the origin's storage is full, or the browser grants none, as private windows of old do.",
        "Store less, delete what is old, and fall back to memory or the server.",
    ),
    "NotFoundError": Meaning(
        "The database that should be there is not: the browser evicted it or the visitor deleted it.",
        "Make it anew, and restore the conversation from the server.",
    ),
    "UnknownError": Meaning(
        "The browser failed inside: a damaged profile, or a full disk.",
        "Fall back to memory or the server; there is nothing to mend in the widget.",
    ),
    "TypeError": Meaning(
        "The browser hasn't got the interface that was asked for, or hides it.",
        "Test for it before use, and fall back to memory.",
    ),
    "": Meaning("No reason given.", "Send the error's name as `reason`; `probeStorage` does."),
}
"""Why browsers refuse storage, by the name of the error that they throw."""

OTHER_REFUSAL = Meaning(
    "The browser threw this error when it was asked to store something.",
    "Fall back to memory or the server, and look the name up.",
)

POLICIES: dict[str, str] = {
    "persist": "conversations are to outlast the visit",
    "session": "conversations are to last as long as the tab",
    "ephemeral": "every page starts with a fresh conversation",
    "": "not declared",
}
"""What each policy promises."""

STREAM_OUTCOMES: dict[str, str] = {
    "complete": "arrived whole",
    "resumed": "broke off, and went on after a reconnect",
    "aborted": "stopped by the visitor or the widget",
    "truncated": "broke off, and the rest never came",
    "orphaned": "the page was left before the answer was over",
}
"""How a streamed answer ended."""

BOOT_STAGES: dict[str, str] = {
    "requested": "a page asked for the widget",
    "script": "its script runs",
    "frame": "its frame is there",
    "ready": "the visitor can use it",
}
"""What a start has reached at each stage."""
