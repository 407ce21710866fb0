"""The pages about routing say what there is, and what they show works."""

import re
from pathlib import Path

import msgspec
import pytest
from msgspec import Struct, structs

from chatvitals.alerting.documents import parse
from chatvitals.alerting.durations import say_duration
from chatvitals.alerting.routing.form import InhibitionForm, RouteForm, SpanForm
from chatvitals.alerting.routing.matchers import Operator, parse_matcher
from chatvitals.alerting.routing.reading import read_routing
from chatvitals.alerting.routing.routes import find_routes
from chatvitals.alerting.routing.silencing import SilenceForm, make_silence
from chatvitals.notify.message import Reason
from chatvitals.server.api.silences import PATH

DOCS = Path(__file__).parents[2] / "docs"
REFERENCE = (DOCS / "reference" / "routing.md").read_text()
HOW_TO = (DOCS / "how-to" / "route-notifications.md").read_text()
NOW_MS = 1_767_614_400_000


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)


def section(title: str) -> str:
    return REFERENCE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def first_column(title: str) -> list[str]:
    return re.findall(r"^\| `([^`]+)` \|", section(title), re.MULTILINE)


RECEIVERS = blocks(HOW_TO, "yaml")[0].split("\nroute:")[0]


@pytest.mark.parametrize("text", [*blocks(REFERENCE, "yaml"), *blocks(HOW_TO, "yaml")])
def test_what_is_shown_can_be_read(text: str) -> None:
    routing = read_routing([parse(text if "receivers:" in text else f"{RECEIVERS}\n{text}", "shown.yaml")])
    assert routing.root.routes or routing.inhibitions


@pytest.mark.parametrize(
    ("title", "form"), [("Routes", RouteForm), ("Inhibition", InhibitionForm), ("Times", SpanForm)]
)
def test_every_field_has_its_line(title: str, form: type[Struct]) -> None:
    assert sorted(first_column(title)) == sorted(field.encode_name for field in structs.fields(form))


def test_the_defaults_are_said() -> None:
    root = read_routing([]).root
    said = dict(re.findall(r"^\| `(\w+)` \|.*\| as above; `([^`]+)` \|", section("Routes"), re.MULTILINE))
    assert said == {
        "receiver": root.receiver,
        "groupBy": f"[{', '.join(root.group_by)}]",
        "groupWait": say_duration(root.group_wait_ms),
        "groupInterval": say_duration(root.group_interval_ms),
        "repeatInterval": say_duration(root.repeat_interval_ms),
        "atOnce": root.at_once,
    }


def test_every_kind_of_matcher_is_shown() -> None:
    shown = [parse_matcher(text) for text in first_column("Matchers")]
    assert {matcher.operator for matcher in shown} == set(Operator)


def test_every_reason_is_said() -> None:
    assert sorted(first_column("What is told when")) == sorted(set(Reason) - {Reason.TEST})


def test_the_silence_that_is_shown_can_be_made() -> None:
    (text,) = blocks(section("Silences"), "json")
    silence = make_silence(msgspec.json.decode(text, type=SilenceForm), "an-id", NOW_MS)
    assert silence.ends_ms == NOW_MS + 7_200_000
    assert section("Silences").count(PATH) == 5


def test_the_route_that_takes_what_is_left_does_so() -> None:
    routing = read_routing([parse(f"{RECEIVERS}\n{blocks(HOW_TO, 'yaml')[1]}", "shown.yaml")])
    for customer, receivers in (("acme", ["on-call", "managers"]), ("globex", ["on-call", "mail"])):
        labels = {"severity": "critical", "customer": customer}
        assert [route.receiver for route in find_routes(routing.root, labels)] == receivers
