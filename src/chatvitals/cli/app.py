"""The commands by name. Each is imported when it is called, so that `version` doesn't wait for an engine to load."""

from cyclopts import App

from chatvitals import __version__

app = App(
    name="chatvitals",
    help="Real-user monitoring for embedded chat widgets.",
    version=__version__,
    result_action="return_value",
)

for _name in ("serve", "simulate", "demo", "query", "export", "keys", "version"):
    app.command(f"chatvitals.cli.{_name}:{_name}", name=_name)
app.command("chatvitals.cli.import_events:import_events", name="import")
