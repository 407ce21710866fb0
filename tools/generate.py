"""Write every file that follows from the catalogue and the settings. Run by `make generate`."""

from pathlib import Path

from tools import generate_pages, generate_reference, generate_sdk_types


def pages() -> dict[Path, str]:
    """The text of every made file by its path."""
    return {**generate_reference.pages(), **generate_sdk_types.pages(), **generate_pages.pages()}


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text)
