"""The bodies of a webhook: our own, that of Alertmanager's webhooks (version 4), and a CloudEvent (1.0). Pure."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from chatvitals.notify.channels.webhook.settings import BodyFormat
from chatvitals.notify.message import Notification, Told
from chatvitals.notify.prometheus_alert import annotations_of, label_name, labels_of
from chatvitals.notify.wording import rfc3339

NEVER = "0001-01-01T00:00:00Z"
"""When an alert ends that fires, in the words of Alertmanager."""


def chatvitals_body(notification: Notification) -> bytes:
    """`type`, `timestamp` and `data`, as Standard Webhooks recommends; `data` is the notification."""
    return msgspec.json.encode(
        {
            "type": _type_of(notification),
            "timestamp": rfc3339(notification.created_ms),
            "data": _data_of(notification),
        }
    )


def cloudevents_body(notification: Notification) -> bytes:
    """The same data in structured mode (CloudEvents 1.0.2, JSON format)."""
    return msgspec.json.encode(
        {
            "specversion": "1.0",
            "id": notification.id,
            "source": f"urn:chatvitals:receiver:{notification.receiver}",
            "type": f"chatvitals.{_type_of(notification)}",
            "subject": notification.thread,
            "time": rfc3339(notification.created_ms),
            "datacontenttype": "application/json",
            "data": _data_of(notification),
        }
    )


def alertmanager_body(notification: Notification) -> bytes:
    """What Alertmanager sends to its webhook receivers."""
    alerts = [_alert_of(told) for told in notification.incidents]
    return msgspec.json.encode(
        {
            "version": "4",
            "groupKey": notification.thread,
            "truncatedAlerts": notification.omitted,
            "status": "firing" if notification.open else "resolved",
            "receiver": notification.receiver,
            "groupLabels": {label_name(name): value for name, value in notification.group.items()},
            "commonLabels": _common(alert["labels"] for alert in alerts),
            "commonAnnotations": _common(alert["annotations"] for alert in alerts),
            "externalURL": notification.url,
            "alerts": alerts,
        }
    )


BODIES: Mapping[BodyFormat, tuple[str, Callable[[Notification], bytes]]] = {
    "chatvitals": ("application/json", chatvitals_body),
    "alertmanager": ("application/json", alertmanager_body),
    "cloudevents": ("application/cloudevents+json", cloudevents_body),
}
"""Media type and writer of each."""


def _type_of(notification: Notification) -> str:
    return f"notification.{notification.reason.value}"


def _data_of(notification: Notification) -> dict[str, Any]:
    data: dict[str, Any] = msgspec.to_builtins(notification)
    return data | {"severity": notification.severity.value, "status": "open" if notification.open else "resolved"}


def _alert_of(told: Told) -> dict[str, Any]:
    return {
        "status": "firing" if told.resolved_ms is None else "resolved",
        "labels": labels_of(told),
        "annotations": annotations_of(told),
        "startsAt": rfc3339(told.opened_ms),
        "endsAt": NEVER if told.resolved_ms is None else rfc3339(told.resolved_ms),
        "generatorURL": told.url,
        "fingerprint": told.fingerprint,
    }


def _common(several: Iterable[dict[str, str]]) -> dict[str, str]:
    """What all have alike."""
    first, *others = several
    return {name: value for name, value in first.items() if all(other.get(name) == value for other in others)}
