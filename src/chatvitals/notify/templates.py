"""Text templates of channels. Whatever is put into one has no control characters."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from chatvitals.notify import wording


def load_text_template(folder: Path, name: str) -> Template:
    """A template of plain text in a channel's folder; `wording`'s functions are at hand in it."""
    environment = Environment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    environment.globals.update(
        headline=wording.headline,
        one_line=wording.one_line,
        say_blast=wording.say_blast,
        say_labels=wording.say_labels,
        say_moment=wording.say_moment,
        say_rest=wording.say_rest,
        shown=wording.shown,
    )
    return environment.get_template(name)


def _finalize(value: Any) -> Any:
    return wording.plain(value) if isinstance(value, str) else value
