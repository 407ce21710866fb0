"""The built files that pages load, by the names they have in the sources."""

import re
from dataclasses import dataclass
from importlib.resources import files

import msgspec

FOLDER = files("chatvitals.dashboard") / "static" / "dist"
PREFIX = "/dashboard/static/"
_NAME = re.compile(r"[\w-][\w.-]{0,99}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Assets:
    """Hashed file names by logical ones, empty where the installation was made without them; and the hashed names of
    what every page's script imports, so that browsers need not read it before they ask for those."""

    hashed: dict[str, str]
    preloaded: tuple[str, ...] = ()

    def href(self, name: str) -> str:
        """Where a file is served. Raises KeyError where it wasn't built."""
        return PREFIX + self.hashed[name]

    @property
    def preloads(self) -> tuple[str, ...]:
        """Where the scripts are that are loaded ahead."""
        return tuple(PREFIX + name for name in self.preloaded)

    def content(self, hashed: str) -> bytes | None:
        """A file by its hashed name; None where there is none."""
        if not _NAME.fullmatch(hashed):
            return None
        file = FOLDER / hashed
        return file.read_bytes() if file.is_file() else None


def built_assets() -> Assets:
    """What `make setup` built, or the wheel brought."""
    manifest, preloaded = FOLDER / "manifest.json", FOLDER / "preloaded.json"
    if not manifest.is_file():
        return Assets({})
    return Assets(
        msgspec.json.decode(manifest.read_bytes(), type=dict[str, str]),
        msgspec.json.decode(preloaded.read_bytes(), type=tuple[str, ...]),
    )
