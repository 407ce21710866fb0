"""Incidents in the words of Prometheus and its Alertmanager: labels, annotations. Pure."""

import re

from chatvitals.notify.message import Told
from chatvitals.notify.wording import say_blast

_OTHERWISE = re.compile(r"[^a-zA-Z0-9_]")


def labels_of(told: Told) -> dict[str, str]:
    """Its labels, and its rule as `alertname`. Names are made valid; empty values, which mean nothing, left out."""
    labels = {"alertname": told.rule, **told.labels, "severity": told.severity.value}
    return {label_name(name): value for name, value in labels.items() if value}


def label_name(name: str) -> str:
    """A name as labels can have it: letters, digits and underscores, not beginning with a digit."""
    name = _OTHERWISE.sub("_", name)
    return f"_{name}" if name[:1].isdigit() else name


def annotations_of(told: Told) -> dict[str, str]:
    """What is to be read about it; figures and blast radius too."""
    annotations = {
        "summary": told.title,
        "description": told.message,
        "value": "" if told.value is None else f"{told.value:g} {told.unit}".strip(),
        "threshold": "" if told.threshold is None else f"{told.threshold:g} {told.unit}".strip(),
        "blast_radius": say_blast(told.blast),
        "runbook_url": told.runbook,
    }
    return {name: text for name, text in annotations.items() if text}
