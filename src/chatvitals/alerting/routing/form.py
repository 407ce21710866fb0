"""The form in which routing is written in YAML: one struct a mapping, lengths of time as texts."""

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from chatvitals.alerting.durations import Duration
from chatvitals.alerting.routing.matchers import MAX_LENGTH

Name = Annotated[str, Meta(min_length=1, max_length=64)]
Names = Annotated[tuple[Name, ...], Meta(max_length=50)]
Texts = Annotated[tuple[Annotated[str, Meta(max_length=40)], ...], Meta(max_length=50)]
Matchers = Annotated[tuple[Annotated[str, Meta(max_length=MAX_LENGTH)], ...], Meta(max_length=50)]


class EscalationForm(Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom to tell when nobody acknowledged for so long."""

    after: Duration
    receiver: Name


class RouteForm(Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A route and those below it. What is left out is as above it, but for matchers, times and `continue`."""

    receiver: Name | None = None
    match: Matchers = ()
    group_by: Names | None = None
    group_wait: Duration | None = None
    group_interval: Duration | None = None
    repeat_interval: Duration | None = None
    at_once: Literal["info", "warning", "error", "critical", "never"] | None = None
    escalate: Annotated[tuple[EscalationForm, ...], Meta(max_length=20)] | None = None
    active_times: Names = ()
    mute_times: Names = ()
    continue_: bool = field(default=False, name="continue")
    routes: Annotated[tuple["RouteForm", ...], Meta(max_length=1_000)] = ()


class InhibitionForm(Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What keeps what from being told, where they have the same values of some labels."""

    source: Annotated[Matchers, Meta(min_length=1)]
    target: Annotated[Matchers, Meta(min_length=1)]
    equal: Names = ()


class SpanForm(Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Times that are within each of these that is given."""

    times: Texts = ()
    weekdays: Texts = ()
    days_of_month: Texts = ()
    months: Texts = ()
    years: Texts = ()
    time_zone: str = "UTC"


class IntervalForm(Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A name for any of several spans."""

    name: Name
    spans: Annotated[tuple[SpanForm, ...], Meta(min_length=1, max_length=50)]
