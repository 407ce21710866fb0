import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.collector import Collector
from tests.support.notifications import notification, surroundings, told

from chatvitals.notify.channels.apprise.settings import AppriseSettings
from chatvitals.notify.channels.channel import NotTaken

# Apprise imports modules that the next Python won't have any more.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


@pytest.fixture
def hook() -> Iterator[Collector]:
    with Collector() as running:
        yield running


async def test_without_the_package_it_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    channel = AppriseSettings(url="json://127.0.0.1/").open(surroundings(tmp_path))
    with pytest.raises(NotTaken, match=r"pip install 'chatvitals\[apprise\]'"):
        await channel.send(notification())
    await channel.close()


async def test_a_url_that_is_none_of_its(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    channel = AppriseSettings(url="pigeon://hunter2").open(surroundings(tmp_path))
    with caplog.at_level(logging.DEBUG), pytest.raises(NotTaken, match="pigeon://…") as failure:
        await channel.send(notification())
    await channel.close()
    assert failure.value.final
    assert "hunter2" not in caplog.text + str(failure.value)


async def test_nobody_is_called_by_a_customers_name(tmp_path: Path, hook: Collector) -> None:
    channel = AppriseSettings(url=f"json://127.0.0.1:{hook.port}/").open(surroundings(tmp_path))
    await channel.send(notification(incidents=(told(title="@everyone", message="<!channel> <@U1>"),)))
    await channel.close()
    body = hook.requests[0].body.decode()
    for call in ("@everyone", "<!channel", "@U1"):
        assert call not in body
    assert "everyone" in body


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("slack://a/b/c", "slack://…"),
        ("${URL}", "a URL in the environment"),
        ("slack://${TOKEN}", "a URL in the environment"),
        ("hunter2", "not a URL"),
    ],
)
def test_no_more_is_shown_of_a_url_than_its_service(url: str, target: str) -> None:
    settings: Any = AppriseSettings(url=url)
    assert settings.target == target
