"""How incidents read in tables of the command line."""

from collections.abc import Mapping
from typing import Any

from rich.markup import escape

from chatvitals.query.request import FILTERABLE

_COLOURS = {"critical": "bold red", "error": "red", "warning": "yellow"}


def say_what(incident: Mapping[str, Any]) -> str:
    """Its title and message; a message that begins with the title is enough. Markup."""
    title, message = incident["title"], incident["message"]
    return escape(message if message.startswith(title) else f"{title}: {message}")


def say_whom(incident: Mapping[str, Any]) -> str:
    """What it is about beside its site, and its blast radius, as `customer=acme, 63 sessions`. Markup."""
    labels = incident["labels"]
    about = [f"{name}={labels[name] or '(none)'}" for name in FILTERABLE if name != "site" and name in labels]
    blast = incident["blast"] | ({"customers": 0} if "customer" in labels else {})  # the one that is named
    return ", ".join([*map(escape, about), *filter(None, [say_blast(blast)])])


def say_blast(blast: Mapping[str, Any]) -> str:
    """As `1 customer of 400, 63 sessions`."""
    customers, seen, sessions = blast["customers"], blast["customersSeen"], blast["sessions"]
    parts = [
        f"{customers:,} customer{'' if customers == 1 else 's'}{f' of {seen:,}' if seen else ''}" if customers else "",
        f"{sessions:,} session{'' if sessions == 1 else 's'}" if sessions else "",
    ]
    return ", ".join(part for part in parts if part)


def graded(severity: str) -> str:
    """A severity in its colour. Markup."""
    return f"[{_COLOURS[severity]}]{severity}[/]" if severity in _COLOURS else severity
