"""Texts to paste, for a server at `url` and a site's write key."""

import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Snippet:
    """A text to copy, and where it goes."""

    name: str
    where: str
    text: str


def snippets(url: str, key: str) -> tuple[Snippet, ...]:
    """By what is at hand: a page, a bundler, a policy, nothing yet."""
    return (
        Snippet(
            "script", "In a page, or the widget's own HTML", _SCRIPT.format(url=url, options=_options(url, key, 4))
        ),
        Snippet("module", "In a widget that is bundled", _MODULE.format(options=_options(url, key, 2))),
        Snippet(
            "policy",
            "Where host pages have a content security policy, it needs these sources",
            f"Content-Security-Policy: script-src {url}; connect-src {url}",
        ),
        Snippet(
            "simulate",
            "To see something at once: a made-up fleet of widgets, on the server's machine",
            f"chatvitals simulate --url {url} --key {key}",
        ),
    )


def _options(url: str, key: str, indent: int) -> str:
    lines = (
        f"endpoint: {json.dumps(f'{url}/api/monitoring/widget')},",
        f"key: {json.dumps(key)},",
        'customer: "acme",   // whose page this is',
        'release: "1.0.0",   // version of your widget',
        'policy: "session",  // how long you promise to keep a conversation',
    )
    return "\n".join(" " * indent + line for line in lines)


_SCRIPT = """\
<script src="{url}/sdk/v1.js"></script>
<script>
  const vitals = chatvitals.init({{
{options}
  }});
  chatvitals.measureErrors(vitals, /widget/);
</script>"""

_MODULE = """\
import {{ init }} from "chatvitals";
import {{ measureErrors, measureMessages, measureStorage }} from "chatvitals/helpers";

const vitals = init({{
{options}
}});
const storage = measureStorage(vitals, () => localStorage);  // use it as localStorage
measureMessages(vitals, messageList);                        // the element that holds the messages
measureErrors(vitals, /widget/);                             // your script's address"""
