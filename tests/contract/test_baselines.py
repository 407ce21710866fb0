"""Baselines: captured from the events, kept, listed, compared; by people and by the clock."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.contract.history import LENGTH_MS, VALUES, random_events, store
from tests.support.route_app import route_app
from tests.unit.events import NOW_MS

from chatvitals.alerting import baseline_schedule
from chatvitals.alerting.baseline_schedule import SCHEDULED, BaselineSchedule
from chatvitals.alerting.baselines import Capture, capture
from chatvitals.alerting.documents import parse
from chatvitals.alerting.durations import say_duration
from chatvitals.alerting.pace import RealPace
from chatvitals.alerting.rule import Degradation
from chatvitals.alerting.rules.reading import read_rules
from chatvitals.catalogue.metrics import METRICS
from chatvitals.cli import baselines as command
from chatvitals.cli.target import RequestFailed
from chatvitals.errors import BadRequest, EngineError
from chatvitals.query.figures import Source
from chatvitals.query.request import Question, Window
from chatvitals.query.rollups import Rollups
from chatvitals.query.snapshot import take_picture, tidy
from chatvitals.server.api.baselines import PATH, BaselinesApi
from chatvitals.store.control.baselines import Baseline, Baselines, CapturedFigure
from chatvitals.store.control.database import open_database
from chatvitals.store.events.embedded import EmbeddedEngine

END_MS = NOW_MS + LENGTH_MS
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
WINDOW = say_duration(LENGTH_MS)
NewId = Callable[[], str]


@pytest.fixture(scope="module")
def source(engine: EmbeddedEngine) -> Source:
    return Source(engine, Rollups(engine, lambda: END_MS, raw_retention_days=30))


@pytest.fixture(scope="module")
def site(engine: EmbeddedEngine) -> str:
    return store(engine, random_events(31, 3_000))


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Baselines]:
    database = open_database(f"sqlite:///{tmp_path / 'control.sqlite'}")
    yield Baselines(database)
    database.dispose()


@pytest.fixture
def new_id() -> NewId:
    return (f"{number:08}-0000-0000-0000-000000000000" for number in count(1)).__next__


class Api:
    """The routes over real stores, at a time that stands still."""

    def __init__(self, source: Source, kept: Baselines, new_id: NewId) -> None:
        self.now_ms = END_MS
        routes = BaselinesApi(source, kept, 10, lambda: self.now_ms, new_id).routes()
        self._transport = httpx2.ASGITransport(route_app(routes))

    @asynccontextmanager
    async def connected(self, *_target: Any) -> AsyncIterator[httpx2.AsyncClient]:
        async with httpx2.AsyncClient(transport=self._transport, base_url="http://localhost") as client:
            yield client

    async def ask(self, method: str, path: str = "", status: int = 200, **arguments: Any) -> Any:
        async with self.connected() as client:
            answer = await client.request(method, PATH + path, **arguments)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None


@pytest.fixture
def api(source: Source, kept: Baselines, new_id: NewId) -> Api:
    return Api(source, kept, new_id)


def baseline(name: str = "good", site: str = "shop", release: str = "", at_ms: int = NOW_MS) -> Baseline:
    return Baseline(
        id=f"{name} {site} {release} {at_ms}",
        name=name,
        site=site,
        release=release,
        captured_ms=at_ms,
        captured_by="dana",
        from_ms=at_ms - DAY_MS,
        to_ms=at_ms,
        figures={"api.p95Duration": CapturedFigure(float(at_ms), 100, 5)},
    )


def test_each_release_and_all_of_them_are_captured_with_every_metric(source: Source, site: str, new_id: NewId) -> None:
    window = Window(NOW_MS, END_MS)
    wanted = Capture(name="good", site=site, window=window, captured_ms=END_MS, captured_by="dana")
    captured = capture(source, wanted, lambda *_: new_id())
    assert [(one.site, one.release) for one in captured] == [(site, ""), *((site, each) for each in VALUES["release"])]
    for one in captured:
        filters = {"site": (site,), **({"release": (one.release,)} if one.release else {})}
        shown = take_picture(source, Question(window, filters)).figures
        assert one.figures == {
            metric.path: CapturedFigure(
                tidy(shown[metric.path].value), shown[metric.path].n, shown[metric.path].sessions
            )
            for metric in METRICS
        }


def test_a_release_without_a_name_is_in_all_and_not_by_itself(
    engine: EmbeddedEngine, source: Source, new_id: NewId
) -> None:
    nameless = store(engine, [{**event, "release": ""} for event in random_events(32, 200)])
    wanted = Capture(name="good", site=nameless, window=Window(NOW_MS, END_MS), captured_ms=END_MS)
    assert [one.release for one in capture(source, wanted, lambda *_: new_id())] == [""]


async def test_baselines_are_captured_listed_shown_and_deleted(api: Api, site: str) -> None:
    form = {"name": "before-2.5", "site": site, "window": WINDOW, "by": "dana"}
    made = (await api.ask("POST", status=201, json=form))["baselines"]
    assert [one["release"] for one in made] == ["", *VALUES["release"]]
    head = {
        "name": "before-2.5",
        "site": site,
        "capturedMs": END_MS,
        "capturedBy": "dana",
        "fromMs": NOW_MS,
        "toMs": END_MS,
    }
    assert made[0] == {"id": "00000001-0000-0000-0000-000000000000", "release": "", **head}
    assert (await api.ask("GET"))["baselines"] == made
    for parameters, expected in (
        ({"release": ""}, made[:1]),
        ({"release": "2.4", "site": site, "name": "before-2.5"}, made[2:]),
        ({"limit": "2"}, made[:2]),
        ({"name": "other"}, []),
        ({"site": "other"}, []),
    ):
        assert (await api.ask("GET", params=parameters))["baselines"] == expected
    shown = await api.ask("GET", f"/{made[1]['id']}")
    assert shown["figures"].keys() == {metric.path for metric in METRICS}
    assert {**shown, "figures": None} == {**made[1], "figures": None}
    await api.ask("DELETE", f"/{made[1]['id']}", 204)
    await api.ask("DELETE", f"/{made[1]['id']}", 404)
    await api.ask("GET", f"/{made[1]['id']}", 404)
    assert len((await api.ask("GET"))["baselines"]) == 2


async def test_a_release_can_be_captured_by_itself(api: Api, site: str) -> None:
    made = await api.ask("POST", status=201, json={"name": "a", "site": site, "release": "2.4", "window": WINDOW})
    assert [one["release"] for one in made["baselines"]] == ["2.4"]


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"name": "", "window": WINDOW}, "name"),
        ({"name": "two words"}, "name"),
        ({"name": "a\n"}, "name"),
        ({"window": WINDOW}, "name"),
        ({"name": "a", "window": "soon"}, "window"),
        ({"name": "a", "window": "1s"}, "from 1m to 400d"),
        ({"name": "a", "window": "999999999d"}, "from 1m to 400d"),
        ({"name": "a", "sites": "x"}, "sites"),
        ({"name": "a", "site": "nowhere"}, "nothing to capture"),
    ],
)
async def test_what_cannot_be_captured_is_refused(api: Api, form: dict[str, str], says: str) -> None:
    assert says in (await api.ask("POST", status=400, json=form))["detail"]
    assert (await api.ask("GET"))["baselines"] == []


@pytest.mark.parametrize("path", ["?limit=0", "?limit=1001", "?name=a&nmae=b", "/x/compare?degradation=0"])
async def test_misspelt_questions_are_refused(api: Api, path: str) -> None:
    await api.ask("GET", path, 400)


@pytest.fixture(scope="module")
def slower(engine: EmbeddedEngine) -> str:
    """A site with two windows of the same length: in the second there are only renders, which take twice as long."""
    first = random_events(33, 1_000)
    second = [
        {**event, "timestamp": event["timestamp"] + LENGTH_MS, "renderTime": event["renderTime"] * 2}
        for event in first
        if event["kind"] == "render"
    ]
    return store(engine, [*first, *second])


async def test_what_is_now_is_compared_with_a_baseline(api: Api, slower: str) -> None:
    form = {"name": "a", "site": slower, "window": WINDOW}
    (made, *_) = (await api.ask("POST", status=201, json=form))["baselines"]
    api.now_ms = END_MS + LENGTH_MS
    compared = await api.ask("GET", f"/{made['id']}/compare")
    assert (compared["fromMs"], compared["toMs"], compared["release"]) == (END_MS, END_MS + LENGTH_MS, "")
    metrics = {one["metric"]: one for one in compared["metrics"]}
    renders = metrics["performance.renders.p95Time"]
    assert renders["change"] == pytest.approx(100, rel=1e-4)
    assert (renders["standing"], renders["degraded"]) == ("worse", True)
    assert renders["now"] == pytest.approx(2 * renders["baseline"], rel=1e-6)
    gone = metrics["api.p95Duration"]
    assert (gone["standing"], gone["now"], gone["reason"]) == ("unknown", None, "0 samples now, of the 10 it needs")
    assert metrics["performance.renders.total"]["standing"] == "same"
    assert compared["degraded"] == sum(one["degraded"] for one in metrics.values()) > 0
    lenient = await api.ask("GET", f"/{made['id']}/compare", params={"degradation": "150"})
    assert not {one["metric"]: one for one in lenient["metrics"]}["performance.renders.p95Time"]["degraded"]


def test_the_command_captures_lists_shows_compares_and_deletes(
    api: Api, slower: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(command, "connected", api.connected)

    def printed() -> str:
        return capsys.readouterr().out

    command.list_baselines()
    assert printed().startswith("no baselines yet")
    command.capture_baselines("good", site=slower, window=WINDOW, author="[red]dana")
    captured = printed()
    assert all(part in captured for part in ("00000001", "good", "all", "2.4", "20m", "[red]dana"))
    command.list_baselines(name="good")
    assert "00000003" in printed()
    command.show_baseline("00000001")
    shown = printed()
    assert f"good of {slower}, all releases" in shown
    assert "performance.renders.p95Time" in shown
    command.compare_baseline("00000002")
    assert "degraded" not in printed()
    api.now_ms = END_MS + LENGTH_MS
    with pytest.raises(SystemExit, match="1"):
        command.compare_baseline("00000001")
    compared = printed()
    assert "degraded" in compared
    assert "+100.0%" in compared
    command.delete_baseline("00000001")
    assert printed() == "deleted\n"
    with pytest.raises(BadRequest, match="no baseline has an id"):
        command.show_baseline("00000001")
    with pytest.raises(BadRequest, match="several baselines"):
        command.show_baseline("0000000")
    with pytest.raises(RequestFailed, match="404"):
        command.show_baseline("00000001-0000-0000-0000-000000000000")


PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "baselines.md").read_text()


def shown_on_the_page(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_the_rule_that_the_page_shows_can_be_read() -> None:
    (filed,) = read_rules([parse(text, "page.yaml") for text in shown_on_the_page("yaml")], {})
    assert isinstance(filed.rule.condition, Degradation)
    assert filed.rule.condition.baseline == "before-2.5"


async def test_the_request_that_the_page_shows_is_understood(api: Api) -> None:
    (text,) = shown_on_the_page("http")
    refused = await api.ask("POST", status=400, json=json.loads(text.split("\n\n", 1)[1]))
    assert "nothing was measured" in refused["detail"]


def test_the_commands_that_the_page_shows_are_there() -> None:
    named = re.findall(r"^chatvitals baselines (\w+)", "".join(shown_on_the_page("sh")), re.MULTILINE)
    assert named == ["capture", "compare"]
    assert {*named, "list", "show", "delete"} <= set(command.baselines)


def test_the_newest_up_to_a_moment_is_in_force(kept: Baselines) -> None:
    old, new = baseline(), baseline(at_ms=NOW_MS + 1)
    other = [baseline(release="2.4"), baseline(site="blog"), baseline("bad")]
    assert kept.add([old, new, *other])
    names = {"good"}
    assert {one.id for one in kept.in_force(names, NOW_MS)} == {old.id, other[0].id, other[1].id}
    assert {one.id for one in kept.in_force(names, NOW_MS + 1)} == {new.id, other[0].id, other[1].id}
    assert kept.in_force(names, NOW_MS - 1) == []
    assert kept.in_force({"good", "bad"}, NOW_MS + 1)[0].figures
    assert kept.get(old.id) == old


def test_all_of_a_capture_are_kept_or_none(kept: Baselines) -> None:
    assert kept.add([baseline()])
    assert not kept.add([baseline(site="blog"), baseline()])
    assert [one.site for one in kept.find(10)] == ["shop"]


def test_only_the_newest_captures_of_a_name_are_kept(kept: Baselines) -> None:
    kept.add([baseline(at_ms=at, site=site) for at in (1, 2, 3) for site in ("a", "b")] + [baseline("other", at_ms=1)])
    assert kept.keep_newest("good", 2) == 2
    assert [(one.name, one.captured_ms) for one in kept.find(10)] == [
        ("good", 3),
        ("good", 3),
        ("good", 2),
        ("good", 2),
        ("other", 1),
    ]
    assert kept.newest_ms("good") == 3
    assert kept.newest_ms("none") is None


SIX_HOURS_MS = 6 * HOUR_MS
DUE_MS = -(-END_MS // SIX_HOURS_MS) * SIX_HOURS_MS
SETTLED_MS = 300_000


def schedule(source: Source, kept: Baselines, now_ms: int = 0, every_hours: int = 6) -> BaselineSchedule:
    return BaselineSchedule(source, kept, RealPace(lambda: now_ms), every_hours=every_hours, kept=2)


def test_by_the_clock_each_time_is_captured_once(source: Source, site: str, kept: Baselines) -> None:
    one, two = schedule(source, kept), schedule(source, kept)
    one.capture_due(DUE_MS + SETTLED_MS - 1)
    assert kept.find(1_000, SCHEDULED, site) == [], "of the time before nothing was measured here"
    assert one.capture_due(DUE_MS + SETTLED_MS) > 0
    assert two.capture_due(DUE_MS + SETTLED_MS) == one.capture_due(DUE_MS + SIX_HOURS_MS) == 0
    captured = kept.find(1_000, SCHEDULED, site)
    assert {(each.from_ms, each.to_ms) for each in captured} == {(DUE_MS - DAY_MS, DUE_MS)}
    assert [each.release for each in captured] == ["", *VALUES["release"]]


def test_two_servers_that_capture_at_once_keep_one(
    source: Source, kept: Baselines, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert schedule(source, kept).capture_due(DUE_MS + SETTLED_MS) > 0
    before = kept.find(1_000)
    monkeypatch.setattr(kept, "newest_ms", lambda _name: None)
    assert schedule(source, kept).capture_due(DUE_MS + SETTLED_MS) == 0
    assert kept.find(1_000) == before


@pytest.mark.usefixtures("site")
def test_of_captures_by_the_clock_the_newest_are_kept(source: Source, kept: Baselines) -> None:
    for step in range(3):
        assert schedule(source, kept).capture_due(DUE_MS + step * SIX_HOURS_MS + SETTLED_MS) > 0
    times = {one.captured_ms for one in kept.find(1_000, SCHEDULED)}
    assert times == {DUE_MS + SIX_HOURS_MS, DUE_MS + 2 * SIX_HOURS_MS}


@pytest.mark.usefixtures("site")
async def test_what_is_due_is_captured_while_it_runs(source: Source, kept: Baselines) -> None:
    running, idle = schedule(source, kept, DUE_MS + SETTLED_MS), schedule(source, kept, every_hours=0)
    running.start()
    idle.start()
    await asyncio.sleep(0)
    await running.close()
    await idle.close()
    assert kept.newest_ms(SCHEDULED) == DUE_MS


async def test_a_capture_that_fails_is_tried_again(
    source: Source, kept: Baselines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(baseline_schedule, "_LOOKS_EVERY_S", 0.0)
    failed, captured = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def failing(*_given: Any) -> list[Baseline]:
        if failed.is_set():
            loop.call_soon_threadsafe(captured.set)
            return []
        loop.call_soon_threadsafe(failed.set)
        raise EngineError("away")

    monkeypatch.setattr(baseline_schedule, "capture", failing)
    running = schedule(source, kept, DUE_MS + SETTLED_MS)
    running.start()
    await asyncio.wait_for(captured.wait(), 10)
    await running.close()
