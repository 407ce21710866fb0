"""The figures are right: what the API says is what the simulator's truth file says, however it is asked.

Also after restarts, through imports, and where the senders sampled.
"""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.support.figures import differences
from tests.support.server import DAY_MS, Server, key_of, make_sites, now_ms, succeed

from chatvitals.simulator.truth.reader import Truth, load_truth, select

LIVE_FAULTS = (
    "slow-render,share=0.6,release=2.4.0",
    "loss-quota,share=0.2,browser=Chrome",
    "wrong-restore,share=0.5",
    "jank,share=0.3",
    "memory-leak,share=0.3",
    "tab-sync-failing,share=0.3",
    "api-errors,share=0.2,customer=acme",
    "slow-api,share=0.2",
    "cache-misses,share=0.3",
    "silent-staleness,share=0.5",
    "duplicate-beacons,share=0.2",
    "skewed-clocks,customer=quill",
)
PAST_FAULTS = tuple(
    fault.replace(",share", ",at=-2h,for=90m,share") for fault in LIVE_FAULTS if not fault.startswith("duplicate")
)

WHERES: tuple[dict[str, str], ...] = (
    {"customer": "acme"},
    {"release": "2.4.0"},
    {"browser": "Chrome 141"},
    {"device": "mobile"},
    {"customer": "acme", "release": "2.4.0"},
    {"customer": "globex", "browser": "Chrome 141", "os": "Windows"},
    {"release": "2.3.2", "variant": "b", "device": "mobile"},
    {"page": "/"},
    {"page": "/pricing", "device": "desktop"},
    {"customer": "nobody"},
)


@dataclass
class Fleet:
    """A simulation that is over: the server and the site it went to, and what it really sent."""

    server: Server
    site: str
    truth: Truth

    def compare(self, window: tuple[int, int] | None = None, where: dict[str, str] | None = None) -> int:
        """Hold the API's figures to the truth's; returns of how many events they are."""
        start, end = window or (now_ms() - DAY_MS, now_ms() + 60_000)
        answer = self.server.figures(self.site, from_=start, to=end, **(where or {}))
        chosen = select(self.truth.events, (start, end), where)
        wrong = differences(answer, chosen, end)
        assert not wrong, f"{self.site}, {window=}, {where=}, {len(chosen)} events:\n" + "\n".join(wrong)
        return len(chosen)

    def compare_all(self, wheres: Sequence[dict[str, str]] = WHERES) -> None:
        """The whole, the whole through filters, and each half."""
        assert self.compare() == len(self.truth.events)
        start, end = self.span()
        for where in wheres:
            self.compare(None, where)
        for half in ((start, (start + end) // 2), ((start + end) // 2, end + 1)):
            if not self.unsure_before(half[0]) and not self.unsure_before(half[1]):
                self.compare(half)

    def span(self) -> tuple[int, int]:
        times = [int(event["timestamp"]) for event in self.truth.events]
        return min(times), max(times)

    def unsure_before(self, cut: int, where: dict[str, str] | None = None) -> bool:
        """Whether an event lies so near that only its time on the wire decides on which side of a cut it is."""
        reach = {"skewMs": 1_000, "clock": 20_000}
        return any(
            mark in event and cut - reach[mark] <= event["timestamp"] < cut + 50
            for event in select(self.truth.events, None, where)
            for mark in reach
        )

    def cuts(self, dice: random.Random, wanted: int, where: dict[str, str] | None = None) -> Iterator[tuple[int, int]]:
        """Windows cut anywhere, at times of events too, but not where the truth itself is unsure."""
        start, end = self.span()
        found = 0
        for _ in range(400):
            one, other = sorted(dice.randint(start, end + 1) for _ in range(2))
            if found % 3 == 0:  # exactly at an event: the start is in, the end is not
                one = int(dice.choice(self.truth.events)["timestamp"])
                one, other = min(one, other), max(one, other)
            if one < other and not self.unsure_before(one, where) and not self.unsure_before(other, where):
                found += 1
                yield one, other
            if found == wanted:
                return


def simulate(server: Server, site: str, truth: Path, *options: str) -> Fleet:
    """Run the simulator's command and wait until everything that it sent is in the store."""
    succeed(
        "simulate", "--url", server.url, "--key", key_of(site), "--site", site, "--truth", truth, "--quiet", *options
    )
    fleet = Fleet(server, site, load_truth(truth))
    assert fleet.truth.summary is not None
    assert fleet.truth.summary.events == len(fleet.truth.events) > 1_000
    assert not fleet.truth.unknown
    server.wait_settled(site, kept=len(fleet.truth.events))
    return fleet


def faults(plans: tuple[str, ...]) -> list[str]:
    return [word for plan in plans for word in ("--fault", plan)]


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that these tests restart and kill."""
    data = tmp_path_factory.mktemp("truth") / "data"
    make_sites(data, ("live", "past", "mixed", "copy-csv", "copy-ndjson"))
    with Server(data, flush_interval_ms=200, commit_interval_ms=5) as running:
        yield running


@pytest.fixture(scope="module")
def live(own_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    truth = tmp_path_factory.mktemp("live") / "truth.ndjson"
    return simulate(own_server, "live", truth, "--rate", "700", "--minutes", "0.1", *faults(LIVE_FAULTS))


@pytest.fixture(scope="module")
def past(own_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    """Six hours that were imported."""
    truth = tmp_path_factory.mktemp("past") / "truth.ndjson"
    options = ("--rate", "1", "--minutes", "0", "--backfill", "6h", "--seed", "5")
    return simulate(own_server, "past", truth, *options, *faults(PAST_FAULTS))


def test_live_traffic_gives_the_figures_of_the_truth(live: Fleet) -> None:
    kinds = Counter(event["kind"] for event in live.truth.events)
    assert len(kinds) >= 16, kinds
    live.compare_all()


def test_live_traffic_cut_anywhere(live: Fleet) -> None:
    seed = random.randrange(1 << 32)
    where = {"customer": "acme"}  # whose clocks are right
    assert sum(live.compare(cut, where) for cut in live.cuts(random.Random(seed), 12, where)) > 100, f"{seed=}"


def test_what_was_sent_again_is_told_as_duplicate_and_counted_once(live: Fleet) -> None:
    outcomes = live.server.outcomes("live")
    assert live.truth.summary is not None
    assert live.truth.summary.duplicates > 0
    assert outcomes["duplicate", "batch_seen"] >= live.truth.summary.duplicates
    assert outcomes["stored", ""] == len(live.truth.events)
    assert set(outcomes) == {("duplicate", "batch_seen"), ("stored", "")}
    answer = live.server.get("/api/monitoring/outcomes", site="live", window=DAY_MS)
    assert answer["received"] == outcomes.total()
    assert answer["kept"] == len(live.truth.events)


def test_planted_faults_are_seen_where_they_were_planted(live: Fleet) -> None:
    ill, well = (live.server.figures("live", release=release) for release in ("2.4.0", "2.3.2"))
    assert ill["performance"]["renders"]["p95Time"] > 1.5 * well["performance"]["renders"]["p95Time"]
    everywhere = live.server.figures("live")
    assert everywhere["persistence"]["dataLoss"]["errorsByType"]["QuotaExceededError"] > 0
    assert everywhere["health"]["overall"] <= 49


def test_imported_past_gives_the_figures_of_the_truth(past: Fleet) -> None:
    past.compare_all()


def test_imported_past_cut_anywhere(past: Fleet) -> None:
    seed = random.randrange(1 << 32)
    dice = random.Random(seed)
    for number, cut in enumerate(past.cuts(dice, 12)):
        try:
            past.compare(cut, dice.choice(WHERES) if number % 2 else None)
        except AssertionError as error:
            error.add_note(f"{seed=}")
            raise


def test_the_previous_window_is_the_one_before(past: Fleet) -> None:
    start, end = past.span()
    middle = (start + end) // 2
    length = min(middle - start, end - middle)
    answer = past.server.figures("past", from_=middle, to=middle + length)
    before = select(past.truth.events, (middle - length, middle))
    assert not differences(answer["previous"], before, middle)
    assert answer["previous"]["window"] == {"start": middle - length, "end": middle, "length": length}


def test_several_values_of_a_filter_are_alternatives(past: Fleet) -> None:
    chosen = [event for event in past.truth.events if event["customer"] in ("acme", "globex")]
    end = now_ms()
    answer = past.server.figures("past", from_=end - DAY_MS, to=end, customer=["acme", "globex"])
    assert not differences(answer, chosen, end)


def test_senders_that_sample_differently_are_weighed(own_server: Server, tmp_path: Path) -> None:
    common = ("--rate", "2", "--minutes", "0", "--backfill", "2h")
    one = simulate(own_server, "mixed", tmp_path / "one", *common, "--seed", "11", "--sample", "0.25")
    succeed(
        *("simulate", "--url", own_server.url, "--key", key_of("mixed"), "--site", "mixed"),
        *("--truth", tmp_path / "other", "--quiet", *common, "--seed", "12"),
    )
    other = load_truth(tmp_path / "other")
    both = Fleet(own_server, "mixed", Truth(events=one.truth.events + other.events))
    own_server.wait_settled("mixed", kept=len(both.truth.events))
    both.compare()
    both.compare(None, {"device": "desktop"})


def _accounts(server: Server, site: str) -> Counter[tuple[Any, ...]]:
    """Exported events as a multiset, without what an import may not know."""
    return Counter(
        tuple(sorted((name, str(value)) for name, value in event.items() if name != "site"))
        for event in server.export(site)
    )


@pytest.mark.parametrize("ending", ["ndjson", "csv", "parquet"])
def test_an_export_comes_back_as_it_was(own_server: Server, past: Fleet, tmp_path: Path, ending: str) -> None:
    """Into the same site it changes nothing; into another one, or another server, it gives the same figures."""
    file = tmp_path / f"events.{ending}"
    succeed("export", file, "--site", "past", "--url", own_server.url)
    before = own_server.outcomes("past")
    succeed("import", file, "--site", "past", "--url", own_server.url)
    past.compare()
    after = own_server.outcomes("past")
    assert after["stored", ""] == before["stored", ""]

    if ending == "parquet":
        with Server(tmp_path / "empty", flush_interval_ms=100) as other:
            _compare_copy(past, other, "demo", file)
    else:
        _compare_copy(past, own_server, f"copy-{ending}", file)


def _compare_copy(original: Fleet, server: Server, site: str, file: Path) -> None:
    succeed("import", file, "--site", site, "--url", server.url)
    copy = Fleet(server, site, original.truth)
    server.wait_settled(site, kept=len(original.truth.events))
    assert copy.compare() == len(original.truth.events)
    start, end = original.span()
    if not original.unsure_before((start + end) // 2):
        copy.compare((start, (start + end) // 2), {"customer": "acme"})
    succeed("import", file, "--site", site, "--url", server.url)
    assert server.kept(site) == len(original.truth.events)
    assert _accounts(server, site) == _accounts(original.server, original.site)


def test_figures_are_the_same_after_restarts(own_server: Server, live: Fleet, past: Fleet) -> None:
    own_server.restart()
    live.compare_all(WHERES[4:6])
    past.compare_all(WHERES[4:6])
    own_server.kill9()
    own_server.start()
    live.compare_all(WHERES[4:6])
    past.compare_all(WHERES[4:6])
