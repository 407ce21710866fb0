import pytest

from chatvitals.dashboard.problem import Problem, WayOn, problem_of
from chatvitals.errors import BadRequest, Forbidden, NotFound, RequestError, Unavailable, Unexpected

PATH = "/dashboard/customers"
START = WayOn("Go to the main page", "/dashboard/performance")


def hrefs(problem: Problem) -> list[str]:
    return [way.href for way in problem.ways]


def test_a_bad_filter_can_be_dropped_and_the_others_stay() -> None:
    pairs = [("window", "x"), ("customer", "a&b"), ("customer", "c")]
    problem = problem_of(BadRequest("window is 'x': give a number", "window"), PATH, pairs)
    assert problem.status == 400
    assert problem.detail == "window is 'x': give a number"
    assert problem.ways == (WayOn("Show the page without window", f"{PATH}?customer=a%26b&customer=c"), START)


@pytest.mark.parametrize("field", ["from", "to", "tz"])
def test_a_bad_range_is_dropped_whole(field: str) -> None:
    pairs = [("from", "1"), ("to", "0"), ("tz", "x"), ("site", "s")]
    assert hrefs(problem_of(BadRequest("no", field), PATH, pairs))[0] == f"{PATH}?site=s"


def test_where_no_parameter_is_named_all_are_dropped() -> None:
    assert hrefs(problem_of(BadRequest("no"), PATH, [("a", "b")])) == [PATH, START.href]
    assert hrefs(problem_of(BadRequest("no", "name"), PATH, [])) == [START.href]


def test_a_failing_store_says_what_was_kept_and_is_asked_again() -> None:
    problem = problem_of(Unavailable("the events store could not answer this"), PATH, [("site", "s")])
    assert "kept" in problem.kept
    assert hrefs(problem) == [f"{PATH}?site=s", "/dashboard/system", START.href]


@pytest.mark.parametrize("error", [NotFound("there is no such page"), Forbidden("no"), Unexpected("a mistake")])
def test_every_problem_leads_on(error: RequestError) -> None:
    problem = problem_of(error, PATH, [])
    assert problem.heading == error.title
    assert START in problem.ways


def test_a_path_with_signs_of_its_own_leads_back_to_itself() -> None:
    problem = problem_of(BadRequest("no", "window"), "/dashboard/customers/a?b#c", [("window", "x")])
    assert hrefs(problem)[0] == "/dashboard/customers/a%3Fb%23c"
