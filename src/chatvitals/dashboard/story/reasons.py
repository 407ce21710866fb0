"""What the names of errors mean: browsers', the SDK's, and those of refused starts."""

_REASONS: dict[str, str] = {
    "QuotaExceededError": "the storage is full",
    "SecurityError": "the browser denies storage",
    "InvalidStateError": "the storage was closed",
    "UnknownError": "the browser could not reach its storage",
    "TransactionInactiveError": "the transaction was over before it was used",
    "AbortError": "it was broken off",
    "TimeoutError": "it took too long",
    "DataCloneError": "the content can't be stored as it is",
    "Evicted": "the browser removed what was stored",
    "Torn": "only a part of it was stored",
    "Corrupt": "what is stored isn't what was saved",
    "RolledBack": "an older state was found",
    "Interrupted": "the page ended before it was saved",
    "Wiped": "the storage was emptied",
    "StaleTab": "another tab wrote an older state over it",
    "Gap": "others with later ordinals came",
    "WrongIdentity": "it was somebody else's",
    "wrong-identity": "it was somebody else's",
    "timeout": "it took too long",
    "blocked": "its script was blocked",
    "csp": "the page's content security policy forbids it",
    "consent": "the visitor hasn't consented",
    "storage": "the browser denies storage",
    "error": "it raised an error",
}


def reason_in_words(name: str | None) -> str:
    """What an error's name means: "the storage is full"; the name itself where nothing is known of it."""
    return _REASONS.get(name, name) if name else ""


def named_reason(name: str | None) -> str:
    """The name with its meaning: "QuotaExceededError, the storage is full"."""
    if not name:
        return ""
    meaning = _REASONS.get(name)
    return f"{name}, {meaning}" if meaning else name


def because(name: str | None) -> str:
    """ ": QuotaExceededError, the storage is full", to be put behind what failed; empty where nothing was named."""
    return f": {named_reason(name)}" if name else ""
