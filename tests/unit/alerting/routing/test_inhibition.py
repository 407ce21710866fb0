from chatvitals.alerting.routing.inhibition import Inhibitor
from chatvitals.alerting.routing.matchers import Matcher, parse_matcher
from chatvitals.alerting.routing.routes import Inhibition


def matchers(*texts: str) -> tuple[Matcher, ...]:
    return tuple(map(parse_matcher, texts))


DOWN = {"rule": "site-down", "site": "shop"}
SLOW = {"rule": "slow", "site": "shop", "severity": "warning"}
DOWN_HIDES_THE_REST = Inhibition(matchers("rule=site-down"), matchers("rule!=site-down"), ("site",))


def test_a_target_is_hidden_while_a_source_with_equal_labels_is_open() -> None:
    assert Inhibitor([DOWN_HIDES_THE_REST], [DOWN, SLOW]).hides(SLOW)
    assert not Inhibitor([DOWN_HIDES_THE_REST], [DOWN, SLOW]).hides(DOWN)
    assert not Inhibitor([DOWN_HIDES_THE_REST], [SLOW]).hides(SLOW)
    assert not Inhibitor([DOWN_HIDES_THE_REST], [{**DOWN, "site": "blog"}]).hides(SLOW)


def test_labels_that_both_lack_are_equal() -> None:
    hides = Inhibition(matchers("rule=site-down"), matchers("rule=slow"), ("customer",))
    assert Inhibitor([hides], [DOWN]).hides(SLOW)
    assert not Inhibitor([hides], [DOWN]).hides({**SLOW, "customer": "acme"})


def test_without_equal_labels_any_source_hides() -> None:
    hides = Inhibition(matchers("rule=site-down"), matchers("rule=slow"))
    assert Inhibitor([hides], [DOWN]).hides({**SLOW, "site": "blog"})


def test_nothing_hides_itself_nor_do_two_hide_each_other() -> None:
    mutual = Inhibition(matchers("severity=~warning|error"), matchers("severity=~warning|info"), ("site",))
    other = {**SLOW, "rule": "big"}
    assert not Inhibitor([mutual], [SLOW]).hides(SLOW)
    assert not Inhibitor([mutual], [SLOW, other]).hides(SLOW)
    assert Inhibitor([mutual], [SLOW, {**other, "severity": "error"}]).hides(SLOW)
    assert Inhibitor([mutual], [SLOW]).hides({**other, "severity": "info"})


def test_one_of_several_is_enough() -> None:
    nothing = Inhibition(matchers("rule=none"), matchers("rule=slow"))
    assert Inhibitor([nothing, DOWN_HIDES_THE_REST], [DOWN]).hides(SLOW)
