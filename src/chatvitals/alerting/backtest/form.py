"""The form in which a backtest is asked for over the API."""

from collections.abc import Mapping
from typing import Annotated, Any

from msgspec import Meta, Struct, field

from chatvitals.alerting.backtest.accuracy import Labelled
from chatvitals.alerting.backtest.backtest import Backtest
from chatvitals.alerting.backtest.labels import MAX_INCIDENTS
from chatvitals.alerting.conversion import Path
from chatvitals.alerting.documents import BadDocuments, Document, parse
from chatvitals.alerting.durations import Duration, parse_duration
from chatvitals.alerting.rule import Rule
from chatvitals.alerting.rules.reading import SECTION, read_rule
from chatvitals.errors import BadRequest
from chatvitals.query.request import FILTERABLE, parse_time, parse_window

Time = Annotated[int | str, Meta(description="Unix milliseconds or RFC 3339")]
RuleText = Annotated[
    dict[str, Any] | str, Meta(description="a rule as JSON, or as text: the YAML of one rule, or of a file with one")
]


class LabelledForm(Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An incident as somebody labelled it; `labels` are values of dimensions."""

    start: Time
    end: Time
    labels: dict[str, str] = {}


class BacktestForm(Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule, perhaps another one beside it, a time, and incidents to measure them by.

    `to` is now where it is left out; `every` evaluates less often than live; `tolerance` is the rule's window where it
    is left out.
    """

    rule: RuleText
    against: RuleText | None = None
    from_: Time = field(name="from")
    to: Time | None = None
    every: Duration = "0"
    incidents: Annotated[tuple[LabelledForm, ...], Meta(max_length=MAX_INCIDENTS)] | None = None
    tolerance: Duration | None = None


def read_backtest(body: Any, built_in: Mapping[str, Rule], now_ms: int) -> Backtest:
    """The backtest that a decoded body asks for. Raises BadRequest, and BadDocuments with every mistake in the body."""
    document = Document.of(body)
    form: BacktestForm = document.convert((), BacktestForm)
    rules = [_rule(document, name, built_in) for name in ("rule", "against") if getattr(form, name) is not None]
    times = {"from": str(form.from_), "to": str(form.to if form.to is not None else now_ms)}
    window = parse_window({**times, "to": str(min(parse_time(times["to"], "to"), now_ms))}, now_ms)
    return Backtest(
        rules,
        window,
        parse_duration(form.every),
        None if form.incidents is None else [_labelled(one) for one in form.incidents],
        None if form.tolerance is None else parse_duration(form.tolerance),
    )


def _rule(document: Document, name: str, built_in: Mapping[str, Rule]) -> Rule:
    text = document.convert((name,), RuleText)
    if not isinstance(text, str):
        return read_rule(document, (name,), built_in)
    written = parse(text, name)
    return read_rule(written, _only_rule(written), built_in)


def _only_rule(document: Document) -> Path:
    if not document.has((SECTION,)):
        return ()
    paths = document.items((SECTION,))
    if len(paths) != 1:
        raise BadDocuments([document.mistake((SECTION,), f"there are {len(paths)} rules: give the one that is meant")])
    return paths[0]


def _labelled(form: LabelledForm) -> Labelled:
    start_ms, end_ms = parse_time(str(form.start), "incidents"), parse_time(str(form.end), "incidents")
    if end_ms < start_ms:
        raise BadRequest(f"an incident ends before it starts: {form.start}, {form.end}", "incidents")
    for name in form.labels:
        if name not in FILTERABLE:
            raise BadRequest(f"incidents have no label {name[:40]!r}; there are {', '.join(FILTERABLE)}", "incidents")
    return Labelled(start_ms, end_ms, form.labels)
