import time
import tracemalloc
from collections.abc import Callable, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.ingest.deliveries import delivery_of, event_of

from chatvitals.catalogue.kinds import Api, Error, Navigation
from chatvitals.catalogue.limits import MAX_TEXT, MAX_WIRE_TEXT
from chatvitals.ingest.steps.scrub import clean_path, clean_text, clean_token, fold_route, scrub

EMAILS = [
    "jane.doe@example.com",
    "jane+tag@mail.example.co.uk",
    "JANE_DOE@EXAMPLE.COM",
    "jane%40example.com",
    "jürgen@müller.de",
]
PHONES = [
    "+49 30 123456",
    "+49 (0)30 1234 5678",
    "+1-202-555-0143",
    "(202) 555-0143",
    "202.555.0143",
    "030/1234567",
    "0049 30 1234567",
    "+447911123456",
]
CARDS = ["4111111111111111", "4111 1111 1111 1111", "4111-1111-1111-1111", "378282246310005", "5500 0000 0000 0004"]
ADDRESSES = [
    "192.168.0.1",
    "8.8.8.8",
    "2001:db8:85a3:0:0:8a2e:370:7334",
    "2001:db8::8a2e:370:7334",
    "fe80::1ff:fe23:4567:890a",
    "2001:db8::1",
    "::ffff:192.0.2.128",
]
TOKENS = [
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dBjftJeZ4CVP-mB92K27uhbUJU1p1r",
    "Bearer abcdefghijklmnop",
    "bearer 0123456789abcdef",
    "Basic dXNlcjpwYXNzd29yZA==",
    "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "sk_live_abcdefghijklmnop1234",
    "AKIAIOSFODNN7EXAMPLE",
    "xoxb-123456789012-abcdefGHIJKL",
    "d41d8cd98f00b204e9800998ecf8427e",
    "550e8400-e29b-41d4-a716-446655440000",
]
NAMED = [
    "token=hunter2",
    "api_key: hunter2",
    "password = hunter2",
    "secret=hunter2&x=1",
    "session=hunter2",
    "pwd=hunter2",
]
AROUND = [
    "{}",
    "failed for {}",
    "{} failed",
    "can't save ({}), quota",
    'user "{}": denied',
    "<{}>",
    "a={};",
    "It was {}.",
    "{}, {}",
]


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("secret", EMAILS + PHONES + CARDS + ADDRESSES + TOKENS)
def test_what_could_tell_a_person_is_taken_out(secret: str, around: str) -> None:
    cleaned = clean_text(around.replace("{}", secret))
    assert secret not in cleaned
    assert "[" in cleaned
    for piece in secret.replace("-", " ").replace(".", " ").replace("@", " ").replace("%40", " ").split():
        if len(piece) > 6:
            assert piece not in cleaned


@pytest.mark.parametrize("text", NAMED)
def test_the_value_after_a_telling_name_is_taken_out(text: str) -> None:
    assert "hunter2" not in clean_text(f"request {text} failed")


ORDINARY = [
    "QuotaExceededError: Failed to execute 'setItem' on 'Storage': Setting the value of 'chat' exceeded the quota.",
    "TypeError: Cannot read properties of undefined (reading 'length')",
    "ResizeObserver loop completed with undelivered notifications.",
    "chatvitals 2.14.3 (build 20260131) on Chrome 143.0.0.0",
    "version 1.2.3-beta.4+5",
    "at 12:30:45 on 2026-01-31",
    "2026-01-31T12:30:45.123Z",
    "timeout of 30000 ms exceeded, attempt 3 of 5",
    "HTTP 503 after 1250.75 ms, 12 of 340 chunks",
    "SecurityError (DOMException 18) at widget.js:1204:17",
    "expected 17, found 12 messages (5 lost)",
    "storage 95% full: 4,980,736 of 5,242,880 bytes",
    "@media rule, user@ nowhere",
    "quota is 5242880, used 4980736.",
    "seen 2025-11-03 to 2026-01-31 12:30:45",
    "Chrome/143.0.6723.92 Safari/605.1.15",
    "std::vector of a::b",
    "grün, 日本語, emoji 🙂",
    "",
]


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_is_left_as_it_is(text: str) -> None:
    assert clean_text(text) == text


def test_text_is_cut_to_200_characters_after_it_was_cleaned() -> None:
    assert clean_text("x y " * 100) == ("x y " * 100)[:200]
    cleaned = clean_text("a " * 95 + "jane.doe@example.com")
    assert "jane" not in cleaned
    assert len(cleaned) <= 200


PIECES = st.sampled_from(
    [*EMAILS, *PHONES, *CARDS, *ADDRESSES, *TOKENS, *NAMED, *ORDINARY, " ", "-", ".", "/", "@", "1"]
)


@given(text=st.lists(PIECES | st.text(max_size=4), max_size=5).map(" ".join).map(lambda text: text[:200]))
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    once = clean_text(text)
    assert clean_text(once) == once


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("", ""),
        ("/", "/"),
        ("/pricing", "/pricing"),
        ("/pricing?plan=pro&email=jane@example.com", "/pricing"),
        ("/pricing#top", "/pricing"),
        ("/pricing;jsessionid=1234", "/pricing"),
        ("https://acme.example/pricing?plan=pro#top", "/pricing"),
        ("https://jane:secret@acme.example/pricing", "/pricing"),
        ("https://acme.example", "/"),
        ("//acme.example/pricing?a=b", "/pricing"),
        ("?a=b", "/"),
        ("/users/jane@example.com/chat", "/users/[email]/chat"),
        ("http://[broken/", "[malformed]"),
    ],
)
def test_only_the_path_of_a_page_is_kept(url: str, path: str) -> None:
    assert clean_path(url) == path


@pytest.mark.parametrize(
    ("endpoint", "route"),
    [
        ("/v1/messages", "/v1/messages"),
        ("/api/v2/users/42", "/api/v2/users/:id"),
        ("/users/42/messages/7?limit=5", "/users/:id/messages/:id"),
        ("/c/550e8400-e29b-41d4-a716-446655440000", "/c/:id"),
        ("/c/550E8400E29B41D4A716446655440000/x", "/c/:id/x"),
        ("/c/5f2b9c0a1d3e", "/c/:id"),
        ("/c/01HZX5K3T9QW8R7M6N4P2V1B0C", "/c/:id"),
        ("/users/jane@example.com", "/users/:id"),
        ("https://api.acme.example/v1/users/42", "/v1/users/:id"),
        ("https://127.0.0.1:9000/v1/users/42", "/v1/users/:id"),
        ("//api.acme.example/v1/users/42", "/v1/users/:id"),
        ("/feedback/facade", "/feedback/facade"),
        ("/users/:id/messages", "/users/:id/messages"),
        ("/oauth2/token", "/oauth2/token"),
        ("", ""),
    ],
)
def test_ids_in_routes_are_folded(endpoint: str, route: str) -> None:
    assert fold_route(endpoint) == route


@given(segments=st.lists(st.integers(0, 10**18).map(str) | st.uuids().map(str) | st.just("users"), max_size=6))
def test_folding_twice_is_folding_once(segments: list[str]) -> None:
    once = fold_route("/" + "/".join(segments))
    assert fold_route(once) == once
    assert not any(character.isdigit() for character in once)


@pytest.mark.parametrize(
    ("text", "token"),
    [("GET", "GET"), ("a1b2-c3:d4.e5", "a1b2-c3:d4.e5"), ("jane@example.com", "janeexample.com"), ("x" * 80, "x" * 64)],
)
def test_a_machine_made_word_keeps_its_plain_characters(text: str, token: str) -> None:
    assert clean_token(text) == token


CLEANERS = [clean_text, clean_path, fold_route, clean_token]
Cleaner = Callable[[str], str]


def distinct(number: int, length: int) -> Iterable[str]:
    """Texts of the widest characters that Python keeps, four bytes each."""
    return (f"{place:06}{chr(0x1F600 + place % 60) * length}"[:length] for place in range(number))


def kept_bytes(clean: Cleaner, texts: Iterable[str]) -> int:
    """How much memory is in use more after these texts were cleaned."""
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for text in texts:
            clean(text)
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return after - before


@pytest.mark.parametrize("clean", CLEANERS)
def test_long_texts_are_not_remembered(clean: Cleaner) -> None:
    """A hostile sender may make each one different, and 16 kB large."""
    assert kept_bytes(clean, distinct(100, MAX_WIRE_TEXT)) < 200_000


@pytest.mark.parametrize("clean", [clean_text, clean_token])
def test_what_is_remembered_has_a_bound(clean: Cleaner) -> None:
    """Half as many again as there is room for, of the largest."""
    assert kept_bytes(clean, distinct(6_000, MAX_TEXT)) < 5_000_000


@pytest.mark.parametrize("length", [MAX_TEXT, MAX_TEXT + 1, MAX_WIRE_TEXT])
@pytest.mark.parametrize("secret", [EMAILS[0], PHONES[0], CARDS[1], TOKENS[0]])
def test_a_secret_anywhere_in_a_text_of_any_length_is_taken_out_whole(secret: str, length: int) -> None:
    for start in range(150, min(length - len(secret), 260)):
        text = ("at " * length)[:start] + " " + secret + " and on" * length
        cleaned = clean_text(text[:length])
        assert len(cleaned) <= MAX_TEXT
        for piece in (secret[:6], secret[-6:]):
            assert piece not in cleaned
    crowded = clean_text(" ".join(EMAILS[0].replace("jane", "jane" * 40) for _ in range(15)) + f" {secret}")
    assert secret[:6] not in crowded, "what is far behind comes to the front"


def test_every_free_text_of_a_delivery_is_cleaned() -> None:
    delivery = delivery_of(
        event_of("error", type="E jane@example.com", message="for jane@example.com", fingerprint="f f"),
        event_of("api", endpoint="/u/42?q=1", method="GET ", duration=1, success=True),
        event_of("navigation", preserved=True, **{"from": "https://a.example/x?y", "to": "/z#y"}),
        context={"page": "https://acme.example/pricing?email=jane@example.com"},
    )
    scrub(delivery)
    error, api, navigation = delivery.events
    assert isinstance(error, Error)
    assert isinstance(api, Api)
    assert isinstance(navigation, Navigation)
    assert (error.type, error.message, error.fingerprint) == ("E [email]", "for [email]", "ff")
    assert (api.endpoint, api.method) == ("/u/:id", "GET")
    assert (navigation.origin, navigation.target) == ("/x", "/z")
    assert delivery.context.page == "/pricing"


REPEATED = [
    "a",
    "1",
    "1 ",
    "12-",
    "a@",
    "a.",
    "a1:",
    "1::",
    "token",
    "token =",
    "auth" + " " * 16,
    "%40",
    "eyJ-",
    "sk-",
]


@pytest.mark.parametrize("piece", [*REPEATED, "a-", "a1-", "+", "(12", "1.", "/12", "%40 ", "bearer ", "12345678-"])
def test_no_text_takes_long_to_clean(piece: str) -> None:
    """A write key is public: whoever has it may send the text that a pattern takes longest for."""
    text = (piece * MAX_WIRE_TEXT)[:MAX_WIRE_TEXT]
    start = time.process_time()
    for clean in (clean_text, clean_path, fold_route):
        clean(text)
    assert time.process_time() - start < 0.05
