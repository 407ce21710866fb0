"""The ingest path as senders meet it: forms, encodings, keys, origins, limits, clocks, duplicates, and refusals."""

import gzip
import json
import threading
import time
import zlib
from collections.abc import Iterator
from functools import partial
from http.client import HTTPException
from pathlib import Path
from uuid import uuid4

import httpx2
import pytest
from tests.support.server import (
    WIDGET,
    Json,
    Server,
    batch_of,
    command,
    key_of,
    make_sites,
    now_ms,
    render,
    succeed,
    wait_until,
)
from tests.support.wire import Reply, Wire, post_all

HOUR_MS = 3_600_000


def check_problem(reply: httpx2.Response, status: int, reason: str) -> Json:
    """A refusal as RFC 9457 wants it."""
    assert reply.status_code == status, reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    problem: Json = reply.json()
    assert problem["type"] == f"urn:chatvitals:problem:{reason}"
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    return problem


# forms and encodings


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "text/plain;charset=UTF-8", ""])
@pytest.mark.parametrize("encoding", ["", "gzip", "deflate", "raw deflate", "unnamed gzip"])
def test_forms_of_a_batch(server: Server, encoding: str, content_type: str) -> None:
    body = json.dumps(batch_of("anyone", [render(), render()])).encode()
    raw = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = {
        "": body,
        "gzip": gzip.compress(body),
        "unnamed gzip": gzip.compress(body),
        "deflate": zlib.compress(body),
        "raw deflate": raw.compress(body) + raw.flush(),
    }[encoding]
    named = encoding and not encoding.startswith("unnamed")
    headers = {"content_encoding": encoding.split()[-1]} if named else {}
    reply = server.post(packed, content_type=content_type, **headers)
    assert reply.status_code == 202, reply.text
    assert reply.json() == {"accepted": 2, "rejected": []}


FIRST_VERSION: dict[str, Json] = {
    "persistence": {"operation": "save", "success": True, "duration": 12},
    "restoration": {"success": True, "restoreTime": 80, "messagesRestored": 4},
    "navigation": {"sessionPreserved": True, "fromPage": "/", "toPage": "/cart"},
    "render": {"messageId": "m-1", "renderTime": 5.5, "contentLength": 120},
    "scroll": {"avgFps": 58, "frameCount": 100, "droppedFrames": 2},
    "memory": {"usedJSHeapSize": 17_000_000, "jsHeapSizeLimit": 4_000_000_000},
    "tabSync": {"syncLatency": 12, "tabCount": 2},
    "api": {"endpoint": "/v1/messages", "statusCode": 200, "duration": 90, "cacheHit": True},
    "bundle": {"loadTime": 200, "bundleSize": 142_000},
}


def test_single_forms_of_the_first_version(server: Server, site: str) -> None:
    for kind, metric in FIRST_VERSION.items():
        for moment in ({"timestamp": now_ms()}, {}):
            reply = server.post({"type": kind, "metric": {**metric, **moment}}, X_Chatvitals_Key=key_of(site))
            assert reply.json() == {"accepted": 1, "rejected": []}, f"{kind}: {reply.text}"
    bad = server.post({"type": "render", "metric": {"renderTime": "slow"}}, X_Chatvitals_Key=key_of(site))
    assert bad.status_code == 202
    assert bad.json()["rejected"][0] | {"detail": ""} == {
        "index": 0,
        "field": "renderTime",
        "reason": "wrong_type",
        "detail": "",
    }
    server.wait_settled(site, kept=2 * len(FIRST_VERSION), received=2 * len(FIRST_VERSION) + 1)
    answer = server.figures(site)
    assert {kind: told["n"] for kind, told in answer["coverage"]["kinds"].items()} == dict.fromkeys(FIRST_VERSION, 2)
    assert answer["performance"]["scroll"]["jankPercentage"] == 2
    assert answer["performance"]["bundle"]["avgSize"] == 142_000
    assert answer["api"]["cacheHitRate"] == 100
    assert answer["memory"]["max"] == 17_000_000
    assert answer["persistence"]["restoration"]["avgDuration"] == 80


def test_a_bad_event_is_told_and_its_neighbours_are_kept(server: Server, site: str) -> None:
    events = [render(), render(renderTime=-1), {"kind": "nonsense", "timestamp": 1}, {"kind": "render"}, render()]
    reply = server.post(batch_of(site, events))
    assert reply.status_code == 202
    assert reply.json()["accepted"] == 2
    told = [(each["index"], each["field"], each["reason"]) for each in reply.json()["rejected"]]
    assert told == [
        (1, "renderTime", "out_of_range"),
        (2, "kind", "unknown_kind"),
        (3, told[2][1], "missing_field"),
    ]
    assert told[2][1] in ("timestamp", "renderTime")
    server.wait_settled(site, kept=2, received=5)
    assert server.outcomes(site) == {
        ("stored", ""): 2,
        ("rejected", "out_of_range"): 1,
        ("rejected", "unknown_kind"): 1,
        ("rejected", "missing_field"): 1,
    }


# duplicates and clocks


def test_a_batch_sent_again_is_acknowledged_and_counted_once(server: Server, site: str) -> None:
    body = batch_of(site, [render(), render()])
    assert server.post(body).json() == server.post(body).json() == {"accepted": 2, "rejected": []}
    server.wait_settled(site, kept=2, received=4)
    assert server.post({**body, "sentAt": now_ms() + 1}).status_code == 202  # after it went to the store
    assert {reply.status for reply in post_all(server.url, [json.dumps(body).encode()] * 40)} == {202}
    server.wait_settled(site, kept=2, received=86)
    assert server.outcomes(site)["duplicate", "batch_seen"] == 84
    assert server.figures(site)["performance"]["renders"]["total"] == 2


def test_another_batch_of_the_same_id_is_a_conflict(server: Server, site: str) -> None:
    body = batch_of(site, [render()])
    assert server.post(body).status_code == 202
    check_problem(server.post({**body, "events": [render(now_ms() - 5_000)]}), 409, "conflict")
    server.wait_settled(site, kept=1, received=2)
    assert server.outcomes(site)["rejected", "batch_conflict"] == 1


def test_the_same_id_in_two_sites_is_two_batches(server: Server, site: str) -> None:
    body = batch_of(site, [render()])
    assert server.post(body).status_code == 202
    assert server.post({**body, "key": key_of("anyone"), "events": [render(now_ms() - 9_000)]}).status_code == 202
    server.wait_settled(site, kept=1, received=1)


@pytest.mark.parametrize("skew_ms", [-23 * 24 * HOUR_MS, -90_000, 90_000, 400 * 24 * HOUR_MS])
def test_a_wrong_clock_is_corrected(server: Server, site: str, skew_ms: int) -> None:
    now = now_ms()
    events = [render(now + skew_ms), render(now + skew_ms - HOUR_MS)]
    assert server.post(batch_of(site, events, sentAt=now + skew_ms)).json()["accepted"] == 2
    server.wait_settled(site, kept=2)
    times = sorted(event["timestamp"] for event in server.export(site))
    assert 0 <= times[1] - now < 20_000
    assert times[1] - times[0] == HOUR_MS


def test_a_right_clock_is_left_alone(server: Server, site: str) -> None:
    now = now_ms()
    assert server.post(batch_of(site, [render(now - 1_234)], sentAt=now - 500)).json()["accepted"] == 1
    server.wait_settled(site, kept=1)
    assert [event["timestamp"] for event in server.export(site)] == [now - 1_234]


def test_what_is_too_old_or_not_yet_is_told(server: Server, site: str) -> None:
    now = now_ms()
    ages = (0, 23 * HOUR_MS, 25 * HOUR_MS, -30_000, -120_000, now - 1)
    reply = server.post(batch_of(site, [render(now - age) for age in ages])).json()
    assert reply["accepted"] == 3
    assert [(each["index"], each["reason"]) for each in reply["rejected"]] == [
        (2, "too_old"),
        (5, "too_old"),
        (4, "in_future"),
    ]
    server.wait_settled(site, kept=3, received=6)
    assert server.outcomes(site)["rejected", "too_old"] == 2
    assert server.outcomes(site)["rejected", "in_future"] == 1


# privacy


def test_nothing_that_leads_to_a_person_is_kept(server: Server, site: str) -> None:
    secrets = ("jane.doe@mail.example", "4111 1111 1111 1111", "+49 171 1234567", "203.0.113.77", "sess-of-jane")
    text = " ".join(secrets)
    context = {"sessionId": "sess-of-jane", "tabId": "tab-of-jane", "page": f"https://x.example/a?mail={secrets[0]}#x"}
    events = [
        {"kind": "error", "timestamp": now_ms(), "type": "E", "message": text.replace("sess-of-jane", "")},
        {"kind": "api", "timestamp": now_ms(), "endpoint": "/users/8271/x?q=1", "duration": 1, "success": True},
        {"kind": "loss", "timestamp": now_ms(), "conversationId": "sess-of-jane", "lost": 1, "hop": "save"},
    ]
    assert server.post(batch_of(site, events, context=context), X_Forwarded_For="203.0.113.77").json()["accepted"] == 3
    server.wait_settled(site, kept=3)
    exported = server.export(site)
    for secret in (*secrets, "tab-of-jane", "8271"):
        assert secret not in json.dumps(exported)
        assert secret not in server.log()
    assert {event["page"] for event in exported} == {"/a"}
    assert {event["endpoint"] for event in exported if event["kind"] == "api"} == {"/users/:id/x"}


# refusals


def test_keys_that_are_missing_unknown_or_in_the_header(server: Server, site: str) -> None:
    body = batch_of(site, [render()])
    check_problem(server.post({**body, "key": None}), 401, "unauthorised")
    check_problem(server.post({**body, "key": "nobody-has-this"}), 401, "unauthorised")
    assert server.post({**body, "key": None}, X_Chatvitals_Key=key_of(site)).status_code == 202


def test_media_and_encodings_that_are_not_read(server: Server, site: str) -> None:
    body = json.dumps(batch_of(site, [render()])).encode()
    check_problem(server.post(body, content_type="application/xml"), 415, "unsupported_media")
    check_problem(server.post(body, content_encoding="br"), 415, "unsupported_media")
    check_problem(server.post(body, content_encoding="gzip"), 400, "bad_request")
    assert check_problem(server.post(b'{"events": []}'), 400, "bad_request")["field"] == "batch"
    check_problem(server.post(b" " * ((1 << 20) + 1)), 413, "too_large")


def test_a_key_that_sends_too_much_is_told_when_to_come_again(tmp_path: Path) -> None:
    make_sites(tmp_path / "data", ["fast", "other"])
    with Server(tmp_path / "data", max_key_events_per_s=10, flush_interval_ms=100) as server:
        full = [render()] * 100
        assert server.post(batch_of("fast", full)).status_code == 202
        refused = server.post(batch_of("fast", full))
        check_problem(refused, 429, "rate_limited")
        assert 1 <= int(refused.headers["retry-after"]) <= 10
        assert server.post(batch_of("other", full)).status_code == 202, "another key has its own allowance"
        server.wait_settled("fast", kept=100, received=200)
        assert server.outcomes("fast")["limited", "key_rate"] == 100
        again = batch_of("fast", [render()])
        wait_until(lambda: server.post(again).status_code == 202, "there is room again")


def test_a_full_spool_refuses_and_what_it_holds_is_kept(tmp_path: Path) -> None:
    """The store is slow to take: nothing leaves the spool within the test."""
    data = tmp_path / "data"
    make_sites(data, ["full"])
    accepted = 0
    with Server(data, max_spool_bytes=1 << 20, flush_interval_ms=60_000, commit_interval_ms=0) as server:
        big = [{"kind": "error", "timestamp": now_ms(), "type": "E", "message": "words of all sorts " * 10}] * 1_000
        while (reply := server.post(batch_of("full", big))).status_code == 202:
            accepted += 1_000
            assert accepted < 100_000, "the spool has no bound"
        check_problem(reply, 503, "unavailable")
        assert int(reply.headers["retry-after"]) >= 1
        ready = server.client.get("/readyz")
        assert ready.status_code == 503
        assert ready.json()["ready"] is False
        assert "spool" in " ".join(ready.json()["problems"])
        assert server.client.get("/livez").text == "ok\n"
        assert server.terminate() == 0
    with Server(data, flush_interval_ms=100) as server:
        server.wait_settled("full", kept=accepted)
        assert server.outcomes("full")["limited", "unavailable"] == 1_000
        assert server.post(batch_of("full", [render()])).status_code == 202


# origins


def cors_of(reply: httpx2.Response) -> str | None:
    origin: str | None = reply.headers.get("access-control-allow-origin")
    return origin


@pytest.fixture(scope="module")
def keyed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose keys are made with the command line while it runs."""
    data = tmp_path_factory.mktemp("keyed") / "data"
    make_sites(data, ["before"])
    with Server(data, flush_interval_ms=100) as server:
        yield server


def accepts(server: Server, key: str) -> bool:
    return sent_with(server, key).status_code == 202


def sent_with(server: Server, key: str, **headers: str) -> httpx2.Response:
    return server.post({**batch_of("x", [render()]), "key": key}, **headers)


def test_keys_made_and_revoked_while_the_server_runs(keyed: Server) -> None:
    data = ("--data", keyed.data)
    keys = [succeed("keys", "add", "made", "--label", label, *data).strip() for label in ("web", "app")]
    assert len(set(keys)) == 2
    started = time.monotonic()
    for key in keys:
        wait_until(partial(accepts, keyed, key), "a new key is known")
    assert time.monotonic() - started < 5
    assert succeed("keys", "revoke", keys[0], *data).strip() == "revoked"
    started = time.monotonic()
    wait_until(lambda: sent_with(keyed, keys[0]).status_code != 202, "a revoked key is refused")
    assert time.monotonic() - started < 5
    check_problem(sent_with(keyed, keys[0]), 403, "forbidden")
    assert sent_with(keyed, keys[1]).status_code == 202, "the site's other key lives on"
    listed = succeed("keys", *data)
    assert "revoked" in listed
    assert keys[1] in listed
    again = command("keys", "revoke", keys[0], *data)
    assert (again.returncode, again.stderr.count("\n")) == (2, 1)


def test_origins_that_a_site_allows(keyed: Server) -> None:
    allowed, other = "https://acme.example", "https://evil.example"
    key = succeed("keys", "add", "walled", "--origins", allowed, "--data", keyed.data).strip()
    wait_until(lambda: sent_with(keyed, key).status_code == 202, "a new key is known")
    good = sent_with(keyed, key, origin=allowed)
    assert (good.status_code, cors_of(good)) == (202, allowed)
    assert "origin" in good.headers["vary"].lower()
    for origin in (
        other,
        "null",
        "https://acme.example.evil.example",
        "http://acme.example",
        "https://acme.example:8443",
    ):
        refused = sent_with(keyed, key, origin=origin)
        check_problem(refused, 403, "forbidden")
        assert cors_of(refused) == origin, "the page may read why"
    error = keyed.post(b"nonsense", origin=other)
    assert (error.status_code, cors_of(error)) == (400, other)
    assert cors_of(sent_with(keyed, "no-key", origin=other)) == other


def test_preflight(server: Server, site: str) -> None:
    asked = {
        "origin": "https://any.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type,x-chatvitals-key,content-encoding",
    }
    reply = server.client.options(WIDGET, headers=asked)
    assert (reply.status_code, cors_of(reply)) == (204, "https://any.example")
    assert "POST" in reply.headers["access-control-allow-methods"]
    for header in ("content-type", "x-chatvitals-key", "content-encoding"):
        assert header in reply.headers["access-control-allow-headers"]
    reply = server.post(batch_of(site, [render()]), origin="https://any.example")
    assert (reply.status_code, cors_of(reply)) == (202, "https://any.example")
    assert "access-control-allow-credentials" not in reply.headers
    figures = server.client.get(WIDGET, headers={"origin": "https://any.example"})
    assert cors_of(figures) is None, "answers are not for other pages"


# cardinality


@pytest.mark.slow
def test_a_hundred_thousand_labels_are_folded(tmp_path: Path) -> None:
    names, caps, others = 100_000, 10_000, 2_000
    make_sites(tmp_path / "data", ["labels"])
    with Server(tmp_path / "data", flush_interval_ms=200, commit_interval_ms=1) as server:
        context = [{"customer": f"customer-{number}", "page": f"/{number % others}"} for number in range(names)]
        assert server.post(batch_of("labels", [render()], context=context[0])).status_code == 202
        server.wait_settled("labels", kept=1)
        before = server.resident_bytes()
        lines = (json.dumps({**render(), **each, "seq": place}) for place, each in enumerate(context[1:50_000]))
        imported = server.client.post(
            "/api/monitoring/import", params={"site": "labels"}, content="\n".join(lines).encode()
        )
        assert imported.json()["accepted"] == 49_999
        batches = [json.dumps(batch_of("labels", [render()], context=each)).encode() for each in context[50_000::20]]
        replies = post_all(server.url, batches)
        assert {reply.status for reply in replies} == {202}
        rest = [each for place, each in enumerate(context[50_000:]) if place % 20]
        lines = (json.dumps({**render(), **each, "seq": place}) for place, each in enumerate(rest))
        imported = server.client.post(
            "/api/monitoring/import", params={"site": "labels"}, content="\n".join(lines).encode()
        )
        assert imported.json()["accepted"] == len(rest)
        server.wait_settled("labels", kept=names, received=names)
        assert server.outcomes("labels") == {("stored", ""): caps, ("folded", "customer"): names - caps}
        grown = server.resident_bytes() - before
        assert grown < 200 << 20, f"{grown >> 20} MB more"

        parts = server.get(
            "/api/monitoring/breakdown",
            metric="performance.renders.total",
            by="customer",
            site="labels",
            window=HOUR_MS,
            limit=10_000,
        )
        assert parts["values"] == caps + 1
        assert parts["parts"][0]["key"] == "__other__"
        assert parts["parts"][0]["n"] == names - caps
        server.kill9()
        server.start()
        replies = post_all(
            server.url, [json.dumps(batch_of("labels", [render()], context={"customer": "one more"})).encode()]
        )
        server.wait_settled("labels", kept=names + 1)
        assert server.outcomes("labels")["folded", "customer"] == names - caps + 1, "the cap holds after a restart"


# starting and ending


def test_a_second_process_gets_one_sentence(server: Server) -> None:
    second = command("serve", "--dev", "--port", "0", "--data", server.data)
    assert second.returncode == 2
    assert second.stdout == ""
    assert len(second.stderr.strip().splitlines()) == 1, second.stderr
    assert "in use by another chatvitals process" in second.stderr
    assert str(server.pid) in second.stderr
    assert server.client.get("/readyz").status_code == 200


def test_a_port_that_is_taken_and_wrong_settings_are_said_in_words(server: Server, tmp_path: Path) -> None:
    port = server.url.rpartition(":")[2]
    taken = command("serve", "--dev", "--port", port, "--data", tmp_path / "data")
    assert taken.returncode == 2
    assert f"port {port}" in taken.stderr
    assert "Traceback" not in taken.stderr
    wrong = command(
        "serve",
        "--data",
        tmp_path / "other",
        environment={"CHATVITALS_FLUSH_INTERVAL_MS": "soon", "CHATVITALS_NONSENSE": "1"},
    )
    assert wrong.returncode == 2
    assert "FLUSH_INTERVAL_MS" in wrong.stderr
    assert "CHATVITALS_NONSENSE" in wrong.stderr
    assert "Traceback" not in wrong.stderr
    public = command("serve", "--dev", "--host", "0.0.0.0", "--port", "0", "--data", tmp_path / "other")
    assert public.returncode == 2
    assert "loopback" in public.stderr


def test_sigterm_under_load_keeps_everything_acknowledged(tmp_path: Path) -> None:
    make_sites(tmp_path / "data", ["busy"])
    server = Server(tmp_path / "data", flush_interval_ms=300)
    stop = threading.Event()
    acknowledged: list[Reply] = []
    refused: list[Reply] = []

    def send(url: str) -> None:
        wire = Wire(url, timeout_s=20)
        while not stop.is_set():
            body = batch_of("busy", [render()] * 7, batch=str(uuid4()))
            try:
                reply = wire.post(json.dumps(body).encode())
            except (OSError, HTTPException):
                break
            (acknowledged if reply.status == 202 else refused).append(reply)
        wire.close()

    try:
        server.start()
        senders = [threading.Thread(target=send, args=(server.url,)) for _ in range(6)]
        for sender in senders:
            sender.start()
        wait_until(lambda: len(acknowledged) > 150, "there is load")
        started = time.monotonic()
        assert server.terminate() == 0
        assert time.monotonic() - started < 10
        stop.set()
        for sender in senders:
            sender.join()
        assert {reply.status for reply in refused} <= {503}
        assert not list((server.data / "spool").glob("*.spool")), "an orderly end leaves nothing in the spool"
        server.start()
        total = 7 * len(acknowledged)
        kept = server.kept("busy")
        # a sender may have been cut off before it read its answer
        assert total <= kept <= total + 7 * len(senders)
        assert len(server.export("busy")) == kept
    finally:
        stop.set()
        server.kill9()


def test_without_dev_reading_needs_the_token_and_writing_the_key(tmp_path: Path) -> None:
    make_sites(tmp_path / "data", ["closed"])
    with Server(tmp_path / "data", dev=False, flush_interval_ms=100) as server:
        assert (server.data / "api-token").stat().st_mode & 0o077 == 0
        assert server.post(batch_of("closed", [render()])).status_code == 202
        server.wait_settled("closed", kept=1)
        with httpx2.Client(base_url=server.url, trust_env=False) as stranger:
            for path in (WIDGET, "/api/monitoring/outcomes", "/api/monitoring/export", "/metrics"):
                check_problem(stranger.get(path), 401, "unauthorised")
            check_problem(stranger.post("/api/monitoring/import?site=closed", content=b"{}"), 401, "unauthorised")
            wrong = {"authorization": "Bearer cvt_wrong"}
            check_problem(stranger.get(WIDGET, headers=wrong), 401, "unauthorised")
            for path in ("/livez", "/readyz", "/api/openapi.json"):
                assert stranger.get(path).status_code == 200
            body = {**batch_of("x", [render()]), "key": "demo-key"}
            check_problem(stranger.post(WIDGET, content=json.dumps(body).encode()), 401, "unauthorised")
        token = server.token
        server.restart()
        assert server.token == token
        assert server.kept("closed") == 1


def test_dev_answers_only_to_this_machine(server: Server) -> None:
    answer = server.client.get(WIDGET, headers={"host": "rebound.evil.example"})
    check_problem(answer, 403, "forbidden")


# imports


def test_every_line_of_an_import_has_an_outcome(server: Server, site: str) -> None:
    lines = [json.dumps({**render(), "seq": seq, "customer": "acme"}) for seq in range(3)]
    lines += ["no JSON", json.dumps({"kind": "unheard-of", "timestamp": now_ms()}), json.dumps(render(1))]
    for accepted, duplicates in ((3, 0), (0, 3)):
        answer = server.client.post("/api/monitoring/import", params={"site": site}, content="\n".join(lines).encode())
        assert answer.status_code == 202, answer.text
        assert answer.json()["accepted"] == accepted
        assert answer.json()["duplicates"] == duplicates
        assert len(answer.json()["rejected"]) == 3
    server.wait_settled(site, kept=3, received=2 * len(lines))
    assert server.outcomes(site) == {
        ("stored", ""): 3,
        ("duplicate", "row_seen"): 3,
        ("rejected", "malformed"): 2,
        ("rejected", "unknown_kind"): 2,
        ("rejected", "too_old"): 2,
    }
