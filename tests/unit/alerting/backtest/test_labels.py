import pytest

from chatvitals.alerting.backtest.accuracy import Labelled
from chatvitals.alerting.backtest.labels import MAX_INCIDENTS, read_labels, within
from chatvitals.alerting.documents import BadDocuments
from chatvitals.query.request import Window


def mistakes(text: str) -> list[str]:
    with pytest.raises(BadDocuments) as refused:
        read_labels(text, "i.csv")
    return [str(mistake) for mistake in refused.value.mistakes]


def test_incidents_have_times_and_the_labels_that_are_known() -> None:
    text = "\ufeffsite,start,end,customer\ndemo,2026-01-01T00:00:00Z,2026-01-01T00:10:00Z,acme\r\n,1000,2000,\n"
    assert read_labels(text, "i.csv") == [
        Labelled(1_767_225_600_000, 1_767_226_200_000, {"site": "demo", "customer": "acme"}),
        Labelled(1_000, 2_000),
    ]


def test_a_file_without_incidents_has_none() -> None:
    assert read_labels("start,end\n", "i.csv") == []


def test_every_mistake_is_told_with_its_line() -> None:
    assert mistakes("start,end,site\n1,2,a\n5,4,a\nsoon,2,a\n1,2\n1,2,a,b\n") == [
        "i.csv:3:1: ends before it starts",
        "i.csv:4:1: start is 'soon': give Unix milliseconds or RFC 3339, as 2026-01-31T12:00:00Z",
        "i.csv:5:1: has not as many cells as there are columns",
        "i.csv:6:1: has not as many cells as there are columns",
    ]


def test_columns_are_known_and_come_once() -> None:
    assert mistakes("start,custmer,site,site\n1,2,a,b\n") == [
        "i.csv:1:1: there are several columns 'site'",
        "i.csv:1:1: there is no column 'custmer'; did you mean 'customer'?",
        "i.csv:1:1: there is no column 'end': give start, end and, where they are known, site, customer, release,"
        " variant, page, browser, os, device, country",
    ]
    assert "no column 'start'" in mistakes("")[1]


def test_what_is_no_csv_is_told() -> None:
    assert "i.csv:2:1: is not valid CSV" in mistakes('start,end\n1,"2\n')[0]


def test_incidents_are_bounded() -> None:
    assert len(read_labels("start,end\n" + "1,2\n" * MAX_INCIDENTS, "i.csv")) == MAX_INCIDENTS
    assert mistakes("start,end\n" + "1,2\n" * (MAX_INCIDENTS + 1)) == ["i.csv: has more than 1,000 incidents"]


def test_only_those_in_the_window_count() -> None:
    incidents = [Labelled(0, 9), Labelled(0, 10), Labelled(15, 16), Labelled(19, 30), Labelled(20, 30)]
    assert within(incidents, Window(10, 20)) == incidents[1:4]
