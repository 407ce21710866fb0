import pytest

from chatvitals.alerting.documents import parse
from chatvitals.alerting.routing.reading import DEFAULT_ROUTING, read_routing
from chatvitals.alerting.routing.routes import EscalationAnswer, Routing, explain_route, find_routes

NOON_MS = 1_767_614_400_000
"""Of Monday, 2026-01-05, UTC."""


def routing(text: str) -> Routing:
    names = ("default", "pager", "mail", "boss", "acme-team", "audit")
    receivers = "\n".join(f"  - {{name: {name}, channels: [{{type: console}}]}}" for name in names)
    return read_routing([parse(f"receivers:\n{receivers}\n{text}", "routing.yaml")])


TREE = routing("""
route:
  receiver: default
  groupBy: [site, rule]
  routes:
    - {match: ["audited=yes"], receiver: audit, continue: true}
    - match: [severity=critical]
      receiver: pager
      groupWait: 0s
      escalate: [{after: 15m, receiver: boss}]
      routes:
        - {match: [customer=acme], receiver: acme-team, groupBy: [customer]}
        - {match: [customer=globex], escalate: []}
    - {match: [severity=~warning|error], receiver: mail}
""")


@pytest.mark.parametrize(
    ("labels", "receivers"),
    [
        ({"severity": "info"}, ["default"]),
        ({"severity": "warning"}, ["mail"]),
        ({"severity": "critical"}, ["pager"]),
        ({"severity": "critical", "customer": "acme"}, ["acme-team"]),
        ({"severity": "critical", "customer": "acme", "audited": "yes"}, ["audit", "acme-team"]),
        ({"severity": "info", "audited": "yes"}, ["audit"]),
        ({}, ["default"]),
    ],
)
def test_an_incident_goes_to_the_first_route_that_takes_it(labels: dict[str, str], receivers: list[str]) -> None:
    assert [route.receiver for route in find_routes(TREE.root, labels)] == receivers


def test_what_a_route_leaves_out_is_as_above_it() -> None:
    (acme,) = find_routes(TREE.root, {"severity": "critical", "customer": "acme"})
    assert (acme.group_wait_ms, acme.group_interval_ms, acme.group_by) == (0, 300_000, ("customer",))
    assert [step.receiver for step in acme.escalations] == ["boss"]
    (globex,) = find_routes(TREE.root, {"severity": "critical", "customer": "globex"})
    assert (globex.receiver, globex.group_by, globex.escalations) == ("pager", ("site", "rule"), ())


def test_groups_are_told_apart_by_their_labels_and_their_route() -> None:
    (pager,) = find_routes(TREE.root, {"severity": "critical"})
    (mail,) = find_routes(TREE.root, {"severity": "warning"})
    labels = pager.group_labels({"site": "shop", "rule": "slow", "customer": "acme"})
    assert labels == {"site": "shop", "rule": "slow"}
    assert pager.group_labels({"rule": "slow"}) == {"site": "", "rule": "slow"}
    keys = {pager.group_key(labels), mail.group_key(labels), pager.group_key({**labels, "site": "blog"})}
    assert len(keys) == 3
    assert all(len(key) == 64 for key in keys)


def test_a_route_keeps_its_groups_when_others_come_before_it() -> None:
    before = routing("route: {routes: [{match: [a=b], receiver: mail}]}")
    after = routing("route: {routes: [{match: [c=d], receiver: pager}, {match: [a=b], receiver: mail}]}")
    (old,), (new,) = (tuple(find_routes(each.root, {"a": "b"})) for each in (before, after))
    assert old.group_key({"site": "shop"}) == new.group_key({"site": "shop"})
    assert after.find(old.way, old.receiver) == new
    assert after.find(old.way, "pager") is None
    assert before.find(after.root.routes[0].way, "pager") is None


def test_routes_with_the_same_matchers_have_groups_of_their_own() -> None:
    twins = routing("route: {routes: [{match: [a=b], continue: true, groupWait: 1s}, {match: [a=b]}]}")
    first, second = find_routes(twins.root, {"a": "b"})
    assert first.group_key({}) != second.group_key({})


def test_each_alert_can_have_a_group_of_its_own() -> None:
    (route,) = find_routes(routing('route: {groupBy: ["..."]}').root, {})
    labels = {"site": "shop", "rule": "slow", "customer": "acme", "severity": "warning"}
    assert route.group_labels(labels) == {"site": "shop", "rule": "slow", "customer": "acme"}


def test_what_is_not_configured_is_told_to_the_console_and_the_list() -> None:
    (answer,) = explain_route(DEFAULT_ROUTING, {"severity": "critical"}, NOON_MS)
    assert (answer.receiver, answer.way, answer.wait_ms, answer.held) == ("default", (), 0, "")
    assert list(DEFAULT_ROUTING.receivers["default"].named_channels()) == ["console", "database"]


def test_an_explanation_says_who_would_be_told_and_why() -> None:
    hours = routing("""
timeIntervals:
  - {name: nights, spans: [{times: ["00:00-06:00", "22:00-24:00"]}]}
  - {name: noon, spans: [{times: ["12:00-12:01"]}]}
  - {name: sundays, spans: [{weekdays: [sunday]}]}
route:
  escalate: [{after: 1h, receiver: boss}]
  routes:
    - {match: [severity=warning, customer=acme], receiver: mail, muteTimes: [nights, noon], continue: true}
    - {match: [severity=warning], receiver: pager, activeTimes: [nights, sundays], groupWait: 5s}
""")
    mail, pager = explain_route(hours, {"severity": "warning", "customer": "acme", "rule": "slow"}, NOON_MS)
    assert mail.way == ("severity=warning, customer=acme",)
    assert (mail.receiver, mail.held, mail.wait_ms) == ("mail", "noon", 1_000)
    assert mail.group == {"site": "", "rule": "slow"}
    assert (pager.receiver, pager.held, pager.wait_ms) == ("pager", "not nights, sundays", 5_000)
    assert pager.escalations == (EscalationAnswer(3_600_000, "boss"),)
    mail, pager = explain_route(hours, {"severity": "warning", "customer": "acme"}, NOON_MS - 86_400_000)
    assert (mail.held, pager.held) == ("noon", "")
