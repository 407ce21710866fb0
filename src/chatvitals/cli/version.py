"""`chatvitals version`."""

from importlib.metadata import version as version_of

from chatvitals import __version__


def version() -> None:
    """Print the versions of chatvitals and of the engine inside it."""
    print(f"chatvitals {__version__} (chdb-core {version_of('chdb-core')})")  # noqa: T201
