"""The commands by name. Each is imported when it is called, so that `version` doesn't wait for an engine to load."""

from typing import Any

from cyclopts import App, Parameter

from chatvitals import __version__


def _said(default: Any) -> str | None:
    """A default as the help says it; nothing where leaving an option out means nothing."""
    if default is None or default is False or default in ("", ()):
        return None
    return " ".join(default) if isinstance(default, tuple) else str(default)


app = App(
    name="chatvitals",
    help="Real-user monitoring for embedded chat widgets.",
    version=__version__,
    result_action="return_value",
    default_parameter=Parameter(show_default=_said, negative_iterable=()),
)

_COMMANDS = {
    "serve": "Run the server.",
    "demo": "Run the development server with a simulated fleet of widgets.",
    "query": "Print a metric, or all of them, as a table.",
    "export": "Write raw events to a file.",
    "import": "Bring events from a file in, with their original times.",
    "keys": "Make, list and revoke the sites' write keys.",
    "alerts": "List incidents, look at one, and acknowledge, resolve or comment it.",
    "notify": "Try receivers, and look after what is to be delivered.",
    "rules": "Check alert rules, and try them before they go live.",
    "silences": "Say of what nobody shall be told for a while.",
    "baselines": "Capture figures, and compare later ones with them.",
    "simulate": "Send the traffic of a simulated fleet, with faults planted in it if you like.",
    "version": "Print the versions.",
}
_MODULES = {"import": "import_events"}

for _name, _help in _COMMANDS.items():
    _module = _MODULES.get(_name, _name)
    app.command(f"chatvitals.cli.{_module}:{_module}", name=_name, help=_help)
