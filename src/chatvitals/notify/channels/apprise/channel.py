"""The channel `apprise`: some hundred chat services and pagers, through a package that is installed for it."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType

from chatvitals.catalogue.severities import Severity
from chatvitals.notify.channels.apprise.settings import AppriseSettings
from chatvitals.notify.channels.channel import NotTaken
from chatvitals.notify.message import Notification
from chatvitals.notify.secrets import NoSecret, reveal
from chatvitals.notify.surroundings import Surroundings
from chatvitals.notify.templates import load_text_template
from chatvitals.notify.wording import headline

_KINDS = {
    Severity.INFO: "info",
    Severity.WARNING: "warning",
    Severity.ERROR: "failure",
    Severity.CRITICAL: "failure",
}


class AppriseChannel:
    """Has a thread of its own, as Apprise blocks: one that hangs holds up nobody else."""

    def __init__(self, settings: AppriseSettings, surroundings: Surroundings) -> None:
        self._settings = settings
        self._environment = surroundings.environment
        self._template = load_text_template(Path(__file__).parent, "notification.txt.j2")
        self._thread = ThreadPoolExecutor(1, "apprise")

    async def send(self, notification: Notification) -> None:
        """Hand it to Apprise. Raises NotTaken."""
        try:
            url = reveal(self._settings.url, self._environment)
        except NoSecret as error:
            raise NotTaken(str(error)) from error
        await asyncio.get_running_loop().run_in_executor(self._thread, self._notify, url, notification)

    def _notify(self, url: str, notification: Notification) -> None:
        apprise = _import_apprise()
        service = apprise.Apprise()
        if not service.add(url):
            raise NotTaken(f"Apprise can't read the URL of {self._settings.target}", final=True)
        taken = service.notify(
            title=_quiet(headline(notification)),
            body=_quiet(self._template.render(notification=notification)).strip(),
            notify_type=_KINDS[notification.severity] if notification.open else "success",
            body_format="text",
        )
        if not taken:
            raise NotTaken(f"Apprise could not deliver to {self._settings.target}")

    async def close(self) -> None:
        """Let the thread go, whatever it does."""
        self._thread.shutdown(wait=False, cancel_futures=True)


def _import_apprise() -> ModuleType:
    try:
        import apprise
    except ImportError as error:
        raise NotTaken(
            "Apprise is not installed: run `pip install 'chatvitals[apprise]'` and start the server again", final=True
        ) from error
    # It logs its URLs, which are secrets.
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    return apprise


def _quiet(text: str) -> str:
    """Text that calls nobody: names of customers come from pages, and `@everyone` or `<!channel>` may stand in one."""
    return text.replace("@", "@\u200b").replace("<!", "<\u200b!")
