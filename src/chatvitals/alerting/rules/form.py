"""The form in which rules are written, in YAML and over the API: one struct a mapping, lengths of time as texts."""

from collections.abc import Mapping
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from chatvitals.alerting.durations import Duration
from chatvitals.alerting.rule import Category, NoData
from chatvitals.catalogue.severities import Severity

MAX_BOUND = 1e15

_LOWER = "lower-case letters, digits and dashes, up to 64"
_NAMELIKE = "a name of letters, digits and underscores"

RuleName = Annotated[
    str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,63}(?!\n)$", extra={"expected": _LOWER}, description=_LOWER)
]
Number = Annotated[float, Meta(ge=-MAX_BOUND, le=MAX_BOUND, extra={"expected": "a number of up to 15 digits"})]
Bounds = Annotated[dict[Severity, Number], Meta(min_length=1)]
Words = Annotated[str, Meta(max_length=1_000)]
Values = Annotated[tuple[Annotated[str, Meta(max_length=1_000)], ...], Meta(min_length=1, max_length=200)]
LabelName = Annotated[
    str, Meta(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}(?!\n)$", extra={"expected": _NAMELIKE}, description=_NAMELIKE)
]
Least = Annotated[int, Meta(ge=0, le=1_000_000_000)]


class ThresholdForm(Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bad beyond a bound; either `above` or `below`."""

    above: Bounds | None = None
    below: Bounds | None = None
    recovery: Number | None = None


class DegradationForm(Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Worse by so many percent than a baseline, or than the same window so long before."""

    percent: Bounds
    baseline: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
    earlier: Duration | None = None
    recovery: Number | None = None


class AbsenceForm(Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Nothing was measured, where something was during the time before."""

    severity: Severity
    known: Duration = "1d"


class DetailForm(Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A further figure, divided by `per`."""

    metric: str
    per: Annotated[float, Meta(gt=0, le=MAX_BOUND)] = 1.0


class RuleForm(Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule as it is written. What is None follows from the rest; `alerting/rules/building.py` says how."""

    name: RuleName
    title: Annotated[str, Meta(max_length=200)] = ""
    category: Category
    metric: str
    filters: Mapping[str, Values] = {}
    by: Annotated[tuple[str, ...], Meta(max_length=4)] = ("site",)
    time_of: Literal["event", "arrival"] = "event"
    window: Duration = "5m"
    every: Duration = "1m"
    threshold: ThresholdForm | None = None
    degradation: DegradationForm | None = None
    absence: AbsenceForm | None = None
    for_: Duration = field(default="0", name="for")
    keep_firing_for: Duration | None = None
    min_samples: Least | None = None
    min_sessions: Least | None = None
    min_customers: Least | None = None
    no_data: NoData | None = None
    labels: Annotated[dict[LabelName, Annotated[str, Meta(max_length=200)]], Meta(max_length=20)] = {}
    runbook: Annotated[str, Meta(max_length=2_000)] = ""
    message: Words = ""
    details: Annotated[dict[LabelName, str | DetailForm], Meta(max_length=20)] = {}
    enabled: bool = True


class SwitchForm(Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Only a name and `enabled`: a built-in rule as it is, switched on or off."""

    name: RuleName
    enabled: bool
