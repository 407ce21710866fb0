from dataclasses import replace

import pytest

from chatvitals.dashboard.kinds.failures import Before, Known, summary
from chatvitals.query.failures import Failure

ERROR = Failure(
    id="f",
    kind="error",
    type="TypeError",
    place="",
    fingerprint="f1",
    message="",
    events=10,
    sessions=8,
    customers=1,
    handled=0,
    unhandled=0,
    first_ms=0,
    last_ms=1,
    first_release="4.2.0",
    releases=("4.2.0",),
    browsers=(),
    steps=(),
)


@pytest.mark.parametrize(
    ("handled", "unhandled", "said"),
    [(0, 0, "error"), (3, 0, "handled error"), (0, 3, "unhandled error"), (1, 3, "error, 75 % unhandled")],
)
def test_an_error_says_whether_it_was_caught(handled: float, unhandled: float, said: str) -> None:
    assert Known(replace(ERROR, handled=handled, unhandled=unhandled), 0, None).kind == said


def test_an_operation_says_what_failed() -> None:
    assert Known(replace(ERROR, kind="api", handled=4), 0, None).kind == "API call"


@pytest.mark.parametrize(
    ("earlier", "news"),
    [
        (None, ""),
        (Before({"f": 1.0}, 100), ""),
        (Before({}, 100), "new in 4.2.0"),
        (Before({"other": 3.0}, 0), ""),  # eight sessions are no surprise where all visitors came in this window
        (Before({}, 30), ""),  # nor where three of four did
    ],
)
def test_news_is_what_chance_would_hardly_bring(earlier: Before | None, news: str) -> None:
    assert Known(ERROR, 100, earlier).news == news


def test_without_starts_both_windows_are_taken_for_alike() -> None:
    assert Known(ERROR, 0, Before({"other": 1.0}, 0)).news == "new in 4.2.0"
    assert Known(replace(ERROR, sessions=4), 0, Before({"other": 1.0}, 0)).news == ""


def test_a_share_of_sessions_needs_starts_and_is_never_more_than_all() -> None:
    assert Known(ERROR, 0, None).session_share is None
    assert Known(ERROR, 80, None).session_share == 10
    assert Known(ERROR, 5, None).session_share == 100


def test_the_summary_says_nothing_of_news_where_nothing_is_known_of_before() -> None:
    assert summary([Known(ERROR, 0, None)]) == "10 events in 1 group."
    assert summary([Known(ERROR, 100, Before({"f": 2.0}, 100))]) == "10 events in 1 group, none of them new."
    assert summary([Known(ERROR, 100, Before({}, 100))]) == "10 events in 1 group; 1 new since the window before."
