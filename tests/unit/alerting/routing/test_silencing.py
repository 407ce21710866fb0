import msgspec
import pytest
from tests.support.timeline import START_MS, make_incident

from chatvitals.alerting.routing.silencing import SilenceForm, hidden_by, make_silence, read_matchers
from chatvitals.errors import BadRequest
from chatvitals.store.control.silences import Silence, SilenceStatus

HOUR_MS = 3_600_000


def make(**fields: object) -> Silence:
    known = {"matchers": ["customer=acme"], "lasts": "2h", "reason": "maintenance", "author": "dana"}
    asked = {name: value for name, value in (known | fields).items() if value is not None}
    return make_silence(msgspec.convert(asked, SilenceForm), "an-id", START_MS)


def test_a_silence_begins_now_and_lasts() -> None:
    assert make(reason="  maintenance \n", matchers=['customer = "acme"', "severity!=critical"]) == Silence(
        id="an-id",
        matchers=("customer=acme", "severity!=critical"),
        starts_ms=START_MS,
        ends_ms=START_MS + 2 * HOUR_MS,
        reason="maintenance",
        author="dana",
        created_ms=START_MS,
    )


def test_a_silence_can_begin_later_and_have_its_end_given() -> None:
    later = make(starts="2026-01-05T13:00:00Z", lasts=None, ends=START_MS + 3 * HOUR_MS)
    assert (later.starts_ms, later.ends_ms) == (START_MS + HOUR_MS, START_MS + 3 * HOUR_MS)
    assert make(starts="2026-01-05T13:00:00Z").ends_ms == START_MS + 3 * HOUR_MS
    assert make(starts=START_MS - HOUR_MS).starts_ms == START_MS


def test_where_a_silence_is_at_a_moment() -> None:
    silence = make(starts=START_MS + HOUR_MS)
    for at_ms, status in (
        (START_MS, SilenceStatus.PENDING),
        (silence.starts_ms, SilenceStatus.ACTIVE),
        (silence.ends_ms - 1, SilenceStatus.ACTIVE),
        (silence.ends_ms, SilenceStatus.EXPIRED),
    ):
        assert silence.status_at(at_ms) is status


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"lasts": None}, "ends"),
        ({"ends": START_MS + HOUR_MS}, "ends"),
        ({"lasts": None, "ends": START_MS}, "ends"),
        ({"lasts": "0"}, "ends"),
        ({"lasts": "91d"}, "ends"),
        ({"lasts": None, "ends": "tomorrow"}, "ends"),
        ({"starts": "soon"}, "starts"),
        ({"starts": START_MS + 3 * HOUR_MS, "lasts": None, "ends": START_MS + 2 * HOUR_MS}, "ends"),
        ({"reason": " "}, "reason"),
        ({"author": "\t"}, "author"),
        ({"matchers": ["customer"]}, "matchers"),
        ({"matchers": ["customer=~("]}, "matchers"),
        ({"matchers": ["severity!=critical"]}, "matchers"),
        ({"matchers": ["site=~.*"]}, "matchers"),
    ],
)
def test_what_makes_no_sense_is_refused(fields: dict[str, object], field: str) -> None:
    with pytest.raises(BadRequest) as refusal:
        make(**fields)
    assert refusal.value.field == field


def test_a_silence_hides_what_all_its_matchers_choose() -> None:
    incidents = [
        make_incident("a", START_MS, customer="acme"),
        make_incident("b", START_MS, "critical", customer="acme"),
        make_incident("c", START_MS, customer="globex"),
        make_incident("d", START_MS),
    ]
    hidden = hidden_by(read_matchers(["customer=acme", "severity!=critical"]), incidents)
    assert [incident.id for incident in hidden] == ["a"]
    assert [incident.id for incident in hidden_by(read_matchers(["category=performance"]), incidents)] == list("abcd")
