import pytest

from chatvitals.alerting.documents import BadDocuments, parse
from chatvitals.alerting.routing.reading import DEFAULT_ROUTING, read_routing
from chatvitals.catalogue.severities import Severity
from chatvitals.notify.channels.console.settings import ConsoleSettings


def mistakes(*texts: str) -> list[str]:
    documents = [parse(text, f"{place}.yaml") for place, text in enumerate(texts, start=1)]
    with pytest.raises(BadDocuments) as bad:
        read_routing(documents)
    return str(bad.value).splitlines()


def test_nothing_written_is_the_default() -> None:
    assert read_routing([]) == DEFAULT_ROUTING
    assert read_routing([parse("rules: []", "rules.yaml")]) == DEFAULT_ROUTING


def test_files_are_read_together() -> None:
    routing = read_routing(
        [
            parse("receivers: [{name: pager, channels: [{type: console}]}]", "receivers.yaml"),
            parse("timeIntervals: [{name: nights, spans: [{times: ['00:00-06:00']}]}]", "times.yaml"),
            parse(
                """
                receivers: [{name: default, channels: [{type: console}]}]
                route:
                  atOnce: error
                  routes: [{receiver: pager, match: [site=shop], muteTimes: [nights], atOnce: never}]
                inhibit: [{source: [rule=down], target: [rule!=down], equal: [site]}]
                """,
                "routes.yaml",
            ),
        ]
    )
    assert routing.receivers.keys() == {"default", "pager"}
    assert routing.receivers["default"].channels == (ConsoleSettings(),)
    assert routing.root.receiver == "default"
    assert routing.root.at_once is Severity.ERROR
    (shop,) = routing.root.routes
    assert (shop.receiver, shop.mute_times, shop.at_once) == ("pager", ("nights",), None)
    assert routing.inhibitions[0].equal == ("site",)
    assert routing.intervals.keys() == {"nights"}


def test_every_mistake_of_every_file_is_told_with_its_place() -> None:
    receivers = """\
receivers:
  - name: pager
    channels: [{type: consol}]
  - name: pager
    channels: [{type: console}]
timeIntervals:
  - name: nights
    spans:
      - times: [22:00-06:00]
        weekdays: [munday]
        timeZone: Europe/Berln
inhibit:
  - source: ["rule"]
    target: [rule=~"("]
    equal: [site, site, "a b"]
route: {}
"""
    routes = """\
receivers:
  - {name: pager, channels: [{type: console}]}
route: {}
"""
    assert mistakes(receivers, routes) == [
        "1.yaml:3:16: receivers[0].channels[0]: expected one of alertmanager, apprise, console, database, email,"
        " webhook as 'type', but it is consol; did you mean 'console'?",
        "1.yaml:4:11: receivers[1].name: 'pager' is there already, in 1.yaml:2",
        "1.yaml:9:17: timeIntervals[0].spans[0].times[0]: '22:00-06:00' ends before it begins: write what goes past"
        " midnight as two, until 24:00 and from 00:00",
        "1.yaml:10:20: timeIntervals[0].spans[0].weekdays[0]: 'munday' is not a weekday, as monday, or several, as"
        " monday:friday",
        "1.yaml:11:19: timeIntervals[0].spans[0].timeZone: there is no time zone 'Europe/Berln': give an IANA name, as"
        " Europe/Berlin",
        "1.yaml:13:14: inhibit[0].source[0]: 'rule' is no matcher: write label=value, label!=value, label=~pattern or"
        " label!~pattern",
        "1.yaml:14:14: inhibit[0].target[0]: the pattern of rule can't be read: '(', character 2: a ) is missing",
        "1.yaml:15:19: inhibit[0].equal[1]: site is there already",
        "1.yaml:15:25: inhibit[0].equal[2]: 'a b' is no name of a label",
        "2.yaml:2:12: receivers[0].name: 'pager' is there already, in 1.yaml:2",
        "2.yaml:3:1: route: is in 1.yaml already, and there is only one",
    ]


def test_a_tree_is_checked_whole() -> None:
    assert mistakes(
        """\
timeIntervals: [{name: nights, spans: [{}]}]
route:
  receiver: defualt
  match: [a=b]
  continue: true
  groupBy: [site, a b]
  repeatInterval: 1s
  escalate:
    - {after: 15m, receiver: default}
    - {after: 15m, receiver: managers}
    - {after: 8d, receiver: default}
  routes:
    - match: [severity]
      muteTimes: [night]
    - {groupWait: 2h, activeTimes: [nights]}
    - {match: [a=b]}
"""
    ) == [
        "1.yaml:3:13: route.receiver: there is no receiver 'defualt'; did you mean 'default'?",
        "1.yaml:4:10: route.match: the outermost route takes everything: put matchers into one of its routes",
        "1.yaml:5:13: route.continue: there is nothing beside the outermost route to go on to",
        "1.yaml:6:19: route.groupBy[1]: 'a b' is no name of a label",
        "1.yaml:7:19: route.repeatInterval: has to be from 1m to 31d",
        "1.yaml:10:15: route.escalate[1].after: has to be longer than that of the step before",
        "1.yaml:10:30: route.escalate[1].receiver: there is no receiver 'managers'",
        "1.yaml:11:15: route.escalate[2].after: has to be from 1s to 7d",
        "1.yaml:11:29: route.escalate[2].receiver: default is told by an earlier step already",
        "1.yaml:13:15: route.routes[0].match[0]: 'severity' is no matcher: write label=value, label!=value,"
        " label=~pattern or label!~pattern",
        "1.yaml:14:19: route.routes[0].muteTimes[0]: there is no time interval 'night'; did you mean 'nights'?",
        "1.yaml:15:19: route.routes[1].groupWait: has to be from 0s to 1h",
        "1.yaml:16:7: route.routes[2]: is never reached: routes[1] takes all that it would take. Put it before that"
        " one, or give that one `continue: true`",
    ]


def test_one_mistake_hides_no_others() -> None:
    assert mistakes(
        """\
route:
  groupWait: soon
  routes:
    - {match: a=b, receiver: nobody, mute: [nights]}
    - 7
    - {match: [a=b], routes: {}}
    - {match: ["a"], groupBy: [...]}
"""
    ) == [
        "1.yaml:2:14: route.groupWait: expected a length of time such as 30s, 5m, 1h30m or 7d, but it is soon",
        "1.yaml:4:15: route.routes[0].match: expected a list, of length at most 50, but it is a=b",
        "1.yaml:4:30: route.routes[0].receiver: there is no receiver 'nobody'",
        "1.yaml:4:38: route.routes[0].mute: there is no such field; did you mean 'muteTimes'?",
        "1.yaml:5:7: route.routes[1]: expected a mapping, but it is 7",
        "1.yaml:6:30: route.routes[2].routes: expected a list, of length at most 1000, but it is a mapping",
        "1.yaml:7:16: route.routes[3].match[0]: 'a' is no matcher: write label=value, label!=value, label=~pattern or"
        " label!~pattern",
    ]


def test_sections_that_are_no_lists_are_mistakes() -> None:
    assert mistakes("receivers: {}\ninhibit: all\ntimeIntervals: 5\nroute: [1]") == [
        "1.yaml:1:12: receivers: expected a list",
        "1.yaml:2:10: inhibit: expected a list",
        "1.yaml:3:16: timeIntervals: expected a list",
        "1.yaml:4:8: route: expected a mapping, but it is a list",
    ]


@pytest.mark.parametrize("first", ["a=b", "a=b, c=d", ""])
def test_a_route_that_nothing_reaches_is_a_mistake(first: str) -> None:
    text = f"route: {{routes: [{{match: [{first}]}}, {{match: [c=d, a=b]}}]}}"
    (mistake,) = mistakes(text)
    assert "route.routes[1]: is never reached: routes[0] takes all" in mistake
    read_routing([parse(text.replace("]}", "], continue: true}", 1), "continue.yaml")])
    read_routing([parse("route: {routes: [{match: [c=d, a=b]}, {match: [a=b]}]}", "ordered.yaml")])
