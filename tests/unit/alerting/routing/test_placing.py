from msgspec import structs
from tests.support.timeline import START_MS, make_incident

from chatvitals.alerting.documents import parse
from chatvitals.alerting.routing.matchers import parse_matcher
from chatvitals.alerting.routing.placing import Placer
from chatvitals.alerting.routing.reading import read_routing
from chatvitals.catalogue.severities import Severity

ROUTING = read_routing(
    [
        parse(
            "route: {routes: [{match: [severity=critical], groupBy: [customer], continue: true},"
            " {match: [site=shop]}]}",
            "routing.yaml",
        )
    ]
)


def test_an_incident_belongs_to_a_group_of_each_of_its_routes() -> None:
    placer = Placer(ROUTING, [(parse_matcher("customer=acme"),)])
    incidents = [make_incident("a", START_MS, "critical", customer="acme"), make_incident("b", START_MS, site="blog")]
    placed = placer.place(incidents)
    assert [place.labels for place in placed["a"].places] == [
        {"customer": "acme"},
        {"site": "shop", "rule": "slow"},
    ]
    assert [place.route for place in placed["b"].places] == [ROUTING.root]
    assert [one.silenced for one in placed.values()] == [True, False]


def test_each_revision_is_placed_once() -> None:
    placer = Placer(ROUTING, [])
    incident = make_incident("a", START_MS, site="blog")
    first = placer.place([incident])["a"]
    assert placer.place([incident])["a"] is first
    graver = structs.replace(incident, severity=Severity.CRITICAL, revision=2)
    second = placer.place([graver])["a"]
    assert second.incident is graver
    assert [place.route.way for place in second.places] == [("severity=critical",)]
    placer.place([])
    assert placer.place([graver])["a"] is not second  # what isn't there any more is not remembered
