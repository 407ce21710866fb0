"""The form in which tests of rules are written, in YAML: one struct a mapping, lengths of time as texts."""

from typing import Annotated

from msgspec import Meta, Struct

from chatvitals.alerting.durations import Duration
from chatvitals.alerting.state import Status
from chatvitals.catalogue.severities import Severity

Name = Annotated[str, Meta(min_length=1, max_length=200)]
LabelsForm = dict[str, str]


class CourseForm(Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a metric went: its values at each interval, and the samples, sessions and customers behind them."""

    metric: str
    labels: LabelsForm = {}
    values: str
    n: str | None = None
    sessions: str | None = None
    customers: str | None = None


class CapturedForm(Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A metric's value in a baseline."""

    name: Name
    metric: str
    labels: LabelsForm = {}
    value: float


class WantedForm(Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An alert as it should be."""

    rule: str
    labels: LabelsForm = {}
    status: Status = Status.FIRING
    severity: Severity | None = None
    unknown: bool | None = None


class MomentForm(Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is wanted at a time from the start."""

    at: Duration
    alerts: tuple[WantedForm, ...] = ()


class TrialForm(Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One test."""

    name: Name
    rules: Annotated[tuple[str, ...], Meta(min_length=1)] | None = None
    interval: Duration = "1m"
    series: tuple[CourseForm, ...]
    baselines: tuple[CapturedForm, ...] = ()
    expect: Annotated[tuple[MomentForm, ...], Meta(min_length=1)]
