"""`chatvitals keys`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

from chatvitals.errors import BadRequest
from chatvitals.store.control.sites import Sites, check_site_name

DataDirectory = Annotated[Path | None, Parameter(help="The server's data directory; `chatvitals-data` by default.")]
Config = Annotated[Path | None, Parameter(help="The server's TOML file, where it has one.")]

keys = App(name="keys", help="Make, list and revoke the sites' write keys. A running server knows within 5 s.")


def _sites(data: Path | None, config: Path | None) -> Sites:
    from chatvitals.clock import system_clock
    from chatvitals.settings import load_settings
    from chatvitals.store.control.database import open_database

    settings = load_settings(config, data=None if data is None else str(data))
    Path(settings.data).mkdir(parents=True, exist_ok=True, mode=0o700)
    return Sites(open_database(settings.control_url), system_clock)


@keys.default
@keys.command(name="list")
def list_keys(*, data: DataDirectory = None, config: Config = None) -> None:
    """List every key with its site."""
    table = Table("site", "key", "label", "made", "state", box=None, header_style="bold")
    for key in _sites(data, config).all_keys():
        made = datetime.fromtimestamp(key.created_ms / 1_000, UTC).strftime("%Y-%m-%d %H:%M")
        table.add_row(key.site, key.key, key.label, made, "revoked" if key.revoked_ms else "living")
    Console().print(table if table.row_count else "no keys yet: make one with `chatvitals keys add SITE`")


@keys.command(name="add")
def add_key(
    site: str,
    *,
    label: str = "",
    origins: Annotated[tuple[str, ...], Parameter(consume_multiple=True)] = (),
    data: DataDirectory = None,
    config: Config = None,
) -> None:
    """Make a key for a site, and the site if it isn't there, and print it.

    Parameters
    ----------
    site
        Name of the site.
    label
        What the key is for.
    origins
        Origins whose pages may write to the site, as https://acme.example; any by default.
    """
    check_site_name(site)
    sites = _sites(data, config)
    sites.ensure_site(site)
    if origins:
        sites.set_origins(site, origins)
    Console().print(sites.add_key(site, label).key, highlight=False, soft_wrap=True)


@keys.command(name="revoke")
def revoke_key(key: str, *, data: DataDirectory = None, config: Config = None) -> None:
    """Let a key write no more."""
    if not _sites(data, config).revoke_key(key):
        raise BadRequest("there is no such living key: `chatvitals keys` lists them")
    Console().print("revoked")
