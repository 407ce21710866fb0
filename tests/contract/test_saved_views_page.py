"""The page about saved views shows a request that can be made."""

import re
from pathlib import Path

import msgspec

from chatvitals.dashboard.saved.checking import flaws_of
from chatvitals.server.api.views import PATH, ViewForm

PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "saved-views.md").read_text()


def test_the_request_that_is_shown_is_taken() -> None:
    ((path, body),) = re.findall(r"```http\nPUT (\S+)\n.*?\n\n(.*?)```", PAGE, re.DOTALL)
    assert path.startswith(PATH)
    form = msgspec.json.decode(body, type=ViewForm)
    assert list(flaws_of(form.view)) == []
