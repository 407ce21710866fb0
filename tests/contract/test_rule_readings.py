"""What rules read is what pages show, however queries are shared, and however many moments one query answers."""

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine as Database
from tests.contract.history import LENGTH_MS, VALUES, random_events, store
from tests.unit.events import NOW_MS

from chatvitals.alerting import asking
from chatvitals.alerting.asking import Seen
from chatvitals.alerting.observation import NOTHING, Key
from chatvitals.alerting.reading import Reader
from chatvitals.alerting.rule import Absence, Degradation, Rule, Side, Threshold
from chatvitals.catalogue.metrics import METRICS, METRICS_BY_PATH
from chatvitals.catalogue.severities import Severity
from chatvitals.errors import EngineError
from chatvitals.query.build import Grouping, kind_of
from chatvitals.query.figures import Source, ask
from chatvitals.query.request import Question, Window
from chatvitals.query.rollups import Rollups
from chatvitals.query.snapshot import take_picture, tidy
from chatvitals.store.control.baselines import Baseline, Baselines, CapturedFigure
from chatvitals.store.control.database import open_database
from chatvitals.store.events.embedded import EmbeddedEngine

END_MS = NOW_MS + LENGTH_MS
THRESHOLD = Threshold(Side.ABOVE, {Severity.WARNING: 1.0}, 1.0)
MINUTE_MS = 60_000
WINDOWS_MS = (1_000, MINUTE_MS, 77_777, 5 * MINUTE_MS, 2 * LENGTH_MS)
PATHS = (
    "api.p95Duration",
    "api.errorRate",
    "api.cacheHitRate",
    "persistence.dataLoss.incidents",
    "performance.renders.p99Time",
    "performance.scroll.minFps",
    "performance.scroll.jankPercentage",
    "memory.peak",
    "memory.current",
    "memory.max",
    "delivery.messages.avgBehind",
    "errors.sessionRate",
)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    folder: Path = tmp_path_factory.mktemp("control")
    opened = open_database(f"sqlite:///{folder / 'control.sqlite'}")
    yield opened
    opened.dispose()


@pytest.fixture(scope="module")
def source(engine: EmbeddedEngine) -> Source:
    return Source(engine, Rollups(engine, lambda: END_MS, raw_retention_days=30))


@pytest.fixture(scope="module")
def reader(source: Source, database: Database) -> Reader:
    return Reader(source, Baselines(database))


@pytest.fixture(scope="module")
def sites(engine: EmbeddedEngine) -> tuple[str, str]:
    """One whose events are sampled alike, and one whose aren't."""
    return store(engine, random_events(11, 3_000)), store(engine, random_events(12, 3_000, samples=(1.0, 0.25)))


def rule(path: str, sites: Sequence[str], **changes: object) -> Rule:
    filters = {"site": tuple(sites), **changes.pop("filters", {})}  # type: ignore[dict-item]  # filters, as they are named
    fields = {"name": path, "title": path, "category": "api", "metric": path, "condition": THRESHOLD, **changes}
    return Rule(**fields, filters=filters)  # type: ignore[arg-type]  # of the types that tests give


def values_of(dimension: str, sites: Sequence[str]) -> Sequence[str]:
    return sites if dimension == "site" else VALUES[dimension]


@st.composite
def rules_of(draw: st.DrawFn, sites: Sequence[str]) -> Rule:
    by = draw(st.lists(st.sampled_from(("site", "customer", "release", "browser")), unique=True, max_size=3))
    filtered = draw(st.lists(st.sampled_from(("customer", "release", "device", "page")), unique=True, max_size=2))
    return rule(
        draw(st.sampled_from(PATHS)),
        sites,
        by=tuple(by),
        filters={
            name: tuple(draw(st.lists(st.sampled_from(VALUES[name]), unique=True, min_size=1, max_size=2)))
            for name in filtered
        },
        window_ms=draw(st.sampled_from(WINDOWS_MS)),
        min_customers=draw(st.integers(0, 1)),
    )


def shown(source: Source, rule: Rule, key: Key, end_ms: int) -> tuple[float | None, int, int]:
    """The figure on the page with an alert's values as filters."""
    window = Window(end_ms - rule.window_ms, end_ms)
    filters = {**rule.filters, **{name: (value,) for name, value in zip(rule.by, key, strict=True)}}
    figure = take_picture(source, Question(window, filters)).figures[rule.metric]
    return tidy(figure.value), figure.n, figure.sessions


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_what_is_read_is_what_pages_show(
    data: st.DataObject, source: Source, reader: Reader, sites: tuple[str, str]
) -> None:
    drawn = data.draw(st.lists(rules_of(sites), min_size=1, max_size=6, unique_by=lambda one: one.metric))
    end_ms = END_MS - data.draw(st.integers(0, LENGTH_MS))
    read = reader.read(drawn, end_ms)
    dice = random.Random(1)
    for one in drawn:
        seen = read[one.name]
        for key in dice.sample(sorted(seen), min(2, len(seen))):
            found = seen[key]
            assert (found.value, found.n, found.sessions) == shown(source, one, key, end_ms)
            assert (found.customers is None) == (one.min_customers == 0)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_range_is_read_as_its_moments_are(data: st.DataObject, reader: Reader, sites: tuple[str, str]) -> None:
    one = data.draw(rules_of(sites))
    if data.draw(st.booleans()):
        earlier = Degradation({Severity.ERROR: 20.0}, 15.0, earlier_ms=data.draw(st.sampled_from((1_234, 600_000))))
        one = rule(one.metric, sites, by=one.by, window_ms=one.window_ms, condition=earlier)
    step_ms = data.draw(st.sampled_from((33_333, MINUTE_MS, 7 * MINUTE_MS)))
    first = NOW_MS + data.draw(st.integers(-MINUTE_MS, LENGTH_MS // 2))
    read = list(reader.read_range(one, first, first + 10 * step_ms + 1, step_ms))
    assert [moment for moment, _ in read] == [first + place * step_ms for place in range(11)]
    for moment, seen in read:
        assert seen == reader.read([one], moment)[one.name]


def test_a_range_of_many_moments_is_read_in_parts(
    reader: Reader, sites: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = rule("api.p95Duration", sites)
    whole = list(reader.read_range(one, NOW_MS, END_MS, MINUTE_MS))
    monkeypatch.setattr("chatvitals.alerting.reading._MOMENTS_AT_ONCE", 3)
    assert list(reader.read_range(one, NOW_MS, END_MS, MINUTE_MS)) == whole
    assert len(whole) == LENGTH_MS // MINUTE_MS + 1


class Counting:
    """Counts the questions to an engine."""

    def __init__(self, engine: EmbeddedEngine) -> None:
        self.engine = engine
        self.asked: list[str] = []

    def query(self, sql: str, parameters: Mapping[str, object] | None = None) -> list[dict[str, object]]:
        self.asked.append(sql)
        return self.engine.query(sql, parameters)  # type: ignore[arg-type]  # passed on as it came

    def __getattr__(self, name: str) -> object:
        return getattr(self.engine, name)


def test_a_thousand_rules_of_a_kind_are_one_query(
    engine: EmbeddedEngine, source: Source, database: Database, sites: tuple[str, str]
) -> None:
    site = sites[0]
    by_customer = [
        rule("api.errorRate", (site,), name=f"{customer} {place}", filters={"customer": (customer,)})
        for place in range(250)
        for customer in VALUES["customer"]
    ]
    others = [
        rule("api.p95Duration", (site,), name="split", by=("customer", "site")),
        rule("api.cacheHitRate", (site,), name="longer", by=("customer",), window_ms=LENGTH_MS),
    ]
    counting = Counting(engine)
    read = Reader(Source(counting, source.rollups), Baselines(database)).read([*by_customer, *others], END_MS)  # type: ignore[arg-type]  # what is asked of an engine here, it has
    assert len(counting.asked) == 1
    for one in (by_customer[0], by_customer[3]):
        assert (read[one.name][site,].value, read[one.name][site,].n) == shown(source, one, (site,), END_MS)[:2]
    assert set(read["split"]) == {(customer, site) for customer in VALUES["customer"]}
    assert set(read["longer"]) == {(customer,) for customer in VALUES["customer"]}


def test_an_absence_is_seen_of_those_that_were_there(engine: EmbeddedEngine, reader: Reader) -> None:
    events = random_events(13, 2_000)
    gone_ms = END_MS - 6 * MINUTE_MS
    kept = [event for event in events if event["customer"] != "acme" or event["timestamp"] < gone_ms]
    for event in kept:
        if event["customer"] == "globex":
            event.pop("cached", None)
    site = store(engine, kept)
    known = Absence(Severity.ERROR, 10 * MINUTE_MS)
    one = rule("api.cacheHitRate", [site], by=("customer",), condition=known)
    read = reader.read([one], END_MS)[one.name]
    assert read.keys() == {("acme",), ("initech",), ("",)}, "of globex no call tells of caching"
    assert [key for key, seen in read.items() if seen is NOTHING] == [("acme",)]
    later_ms = gone_ms + known.known_ms + 1
    assert ("acme",) not in reader.read([one], later_ms)[one.name]
    whole = rule("boot.readyRate", [site], by=(), condition=known)
    assert reader.read([whole], END_MS) == {whole.name: {}}, "it never was there"


def test_customers_are_counted_by_alert(reader: Reader, sites: tuple[str, str]) -> None:
    one = rule("api.errorRate", sites, by=("site",), window_ms=LENGTH_MS, min_customers=2)
    assert reader.read([one], END_MS)[one.name][sites[0],].customers == 3, "a nameless one is none"


def test_a_degradation_has_the_same_window_earlier_beside_it(
    source: Source, reader: Reader, sites: tuple[str, str]
) -> None:
    condition = Degradation({Severity.ERROR: 20.0}, 15.0, earlier_ms=6 * MINUTE_MS)
    one = rule("api.p95Duration", sites, condition=condition)
    found = reader.read([one], END_MS)[one.name][sites[0],]
    assert found.value == shown(source, one, (sites[0],), END_MS)[0]
    value, n, sessions = shown(source, one, (sites[0],), END_MS - 6 * MINUTE_MS)
    assert found.reference == value != found.value
    for needs, reference in ((n, sessions), value), ((n + 1, 0), None), ((0, sessions + 1), None):
        wants = rule("api.p95Duration", sites, condition=condition, min_samples=needs[0], min_sessions=needs[1])
        assert reader.read([wants], END_MS)[wants.name][sites[0],].reference == reference


def captured(name: str, site: str, release: str, at_ms: int, value: float | None) -> Baseline:
    return Baseline(
        id=f"{name} {site} {release} {at_ms}"[-36:],
        name=name,
        site=site,
        release=release,
        captured_ms=at_ms,
        captured_by="",
        from_ms=0,
        to_ms=1,
        figures={"api.p95Duration": CapturedFigure(value, 100, 5)},
    )


def test_a_degradation_has_the_captured_value_beside_it(
    reader: Reader, database: Database, sites: tuple[str, str]
) -> None:
    site, other = sites
    Baselines(database).add(
        [
            captured("good", site, "", NOW_MS, 100.0),
            captured("good", site, "2.4", NOW_MS, 50.0),
            captured("good", site, "2.3", NOW_MS, None),
            captured("good", site, "2.4", END_MS, 60.0),
            captured("good", site, "2.4", END_MS + 1, 70.0),
            captured("other", other, "", NOW_MS, 1.0),
        ]
    )
    condition = Degradation({Severity.ERROR: 20.0}, 15.0, baseline="good")

    def references(**changes: object) -> dict[Key, float | None]:
        one = rule("api.p95Duration", sites, condition=condition, **changes)
        return {key: seen.reference for key, seen in reader.read([one], END_MS)[one.name].items()}

    by_release = {(site, "2.3"): 100.0, (site, "2.4"): 60.0, (other, "2.3"): None, (other, "2.4"): None}
    assert references(by=("site", "release")) == by_release
    assert references(by=("site",)) == {(site,): 100.0, (other,): None}
    assert references(by=("site",), filters={"release": ("2.4",)}) == {(site,): 60.0, (other,): None}
    assert references(by=("release",), filters={"site": (site,)}) == {("2.3",): 100.0, ("2.4",): 60.0}
    assert references(by=("site",), min_samples=101) == {(site,): None, (other,): None}, "too few were captured"
    assert references(by=("site",), min_sessions=6) == {(site,): None, (other,): None}
    moments = dict(reader.read_range(rule("api.p95Duration", [site], condition=condition), NOW_MS - 1, END_MS, 60_001))
    assert {seen.reference for seen in moments[NOW_MS + 60_000].values()} == {100.0}


def test_rules_whose_query_failed_are_left_out(
    source: Source, database: Database, sites: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad = rule("api.errorRate", sites), rule("memory.max", sites)

    def failing(source: Source, question: Question, metrics: list[object], *rest: object) -> object:
        if METRICS_BY_PATH["memory.max"] in metrics:
            raise EngineError("out of memory")
        return ask(source, question, metrics, *rest)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(asking, "ask", failing)
    assert set(Reader(source, Baselines(database)).read([good, bad], END_MS)) == {good.name}


@pytest.mark.parametrize("window_ms", WINDOWS_MS)
def test_all_metrics_of_several_windows_are_those_asked_alone(
    source: Source, reader: Reader, sites: tuple[str, str], window_ms: int
) -> None:
    rules = [
        rule(metric.path, sites, name=f"{metric.path} {ms}", by=("site",), window_ms=ms)
        for metric in METRICS
        for ms in WINDOWS_MS
    ]
    read: dict[str, Seen] = reader.read(rules, END_MS)
    question = Question(Window(END_MS - window_ms, END_MS), {"site": sites})
    for metric in METRICS:
        alone = ask(source, question, [metric], Grouping(columns=("site",)))
        expected = {key: group.figure(metric) for (_, key), group in alone.items() if kind_of(metric) in group.events}
        found = {key: (one.value, one.n, one.sessions) for key, one in read[f"{metric.path} {window_ms}"].items()}
        assert found == {key: (tidy(one.value), one.n, one.sessions) for key, one in expected.items()}


@pytest.mark.parametrize("window_ms", [2_500, MINUTE_MS])
def test_by_arrival_each_event_is_seen_once_and_when_it_came(
    engine: EmbeddedEngine, reader: Reader, window_ms: int
) -> None:
    dice = random.Random(window_ms)
    hour_ms = 60 * MINUTE_MS
    events = [{**event, "came": event["timestamp"] + dice.randrange(hour_ms)} for event in random_events(14, 2_000)]
    one = rule("api.totalCalls", [store(engine, events)], by=(), by_arrival=True, window_ms=window_ms)
    first, last = NOW_MS + window_ms, END_MS + hour_ms + 2 * window_ms
    read = {moment: seen[()].n for moment, seen in reader.read_range(one, first, last, window_ms) if seen}
    expected: Counter[int] = Counter()
    for event in events:
        if event["kind"] == "api":
            expected[NOW_MS + (event["came"] - NOW_MS) // window_ms * window_ms + window_ms] += 1
    assert read == expected
    for moment in list(read)[::50]:
        assert reader.read([one], moment)[one.name][()].n == expected[moment]
