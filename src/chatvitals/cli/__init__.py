"""The command line, one file a command."""

import sys

from chatvitals.cli.app import app
from chatvitals.errors import ChatvitalsError


def main() -> None:
    """Run the command line; a mistake of its user's is said in words and ends with code 2."""
    from rich.console import Console
    from rich.markup import escape

    try:
        app()
    except ChatvitalsError as error:
        Console(stderr=True, highlight=False).print(f"[bold red]error[/] {escape(str(error))}", soft_wrap=True)
        sys.exit(2)
