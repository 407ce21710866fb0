"""What is counted, summed and sketched of each kind: the sufficient statistics that every metric is made of.

A measure keeps, over any set of its events: how many there were (`n`), how many they stand for when the sender
sampled (`weight`), the weighted sum of `value`, its least and greatest, and, where percentiles are asked for, its
distribution. Statistics of two sets merge into those of their union, so windows, filters and shards never change
a figure's meaning.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measure:
    """`where` and `value` are SQL over the events table's columns, `value` in the unit of its field."""

    name: str
    kind: str
    value: str | None = None
    where: str = "1"
    distribution: bool = False


MEASURES: tuple[Measure, ...] = (
    Measure("persistence.all", "persistence", "duration", distribution=True),
    Measure("persistence.ok", "persistence", where="success = 1"),
    Measure("restoration.all", "restoration", "duration", distribution=True),
    Measure("restoration.ok", "restoration", where="success = 1"),
    Measure("restoration.wrongIdentity", "restoration", where="flag = 0"),
    Measure("restoration.identityKnown", "restoration", where="flag >= 0"),
    Measure("navigation.all", "navigation"),
    Measure("navigation.ok", "navigation", where="success = 1"),
    Measure("loss.incidents", "loss", "count1"),
    Measure("render.all", "render", "duration", distribution=True),
    Measure("render.slow", "render", where="duration > 16"),
    Measure("scroll.fps", "scroll", "number1", distribution=True),
    Measure("scroll.minFps", "scroll", "number2", where="not isNaN(number2)"),
    Measure("scroll.frames", "scroll", "count1", where="count1 >= 0 and count2 >= 0"),
    Measure("scroll.late", "scroll", "count2", where="count1 >= 0 and count2 >= 0"),
    Measure("tabSync.all", "tabSync"),
    Measure("tabSync.failed", "tabSync", where="success = 0"),
    Measure("tabSync.latency", "tabSync", "duration", "success = 1", distribution=True),
    Measure("bundle.all", "bundle", "duration", distribution=True),
    Measure("bundle.size", "bundle", "bytes", "bytes >= 0", distribution=True),
    Measure("memory.all", "memory", "bytes"),
    Measure("api.all", "api", "duration", distribution=True),
    Measure("api.failed", "api", where="success = 0"),
    Measure("api.cacheKnown", "api", where="flag >= 0"),
    Measure("api.cacheHits", "api", where="flag = 1"),
    Measure("message.sent", "message", where="label = 'sent'"),
    Measure("message.acked", "message", where="label = 'acked'"),
    Measure("message.rendered", "message", where="label = 'rendered'"),
    Measure("message.duplicates", "message", where="label = 'rendered' and flag = 1"),
    Measure("message.latency", "message", "duration", "not isNaN(duration)", distribution=True),
    Measure("message.behind", "message", "count2 - count1", "label = 'rendered' and count2 >= 0"),
    Measure("connection.all", "connection"),
    Measure("connection.ok", "connection", where="success = 1"),
    Measure("connection.gaps", "connection", where="count3 > 0"),
    Measure("connection.unrecovered", "connection", where="count3 > 0 and flag = 0"),
    Measure("stream.all", "stream"),
    Measure("stream.truncated", "stream", where="label = 'truncated'"),
    Measure("stream.firstPaint", "stream", "number2", "not isNaN(number2)", distribution=True),
    Measure("boot.requested", "boot", where="label = 'requested'"),
    Measure("boot.ready", "boot", "duration", "label = 'ready'", distribution=True),
    Measure("boot.failed", "boot", where="label = 'failed'"),
    Measure("error.all", "error"),
    Measure("error.unhandled", "error", where="flag = 0"),
    Measure("host.blocking", "host", "number5", "not isNaN(number5)", distribution=True),
    Measure("sdk.recorded", "sdk", "count1"),
    Measure("sdk.sent", "sdk", "count2"),
    Measure("storage.all", "storage"),
    Measure("storage.available", "storage", where="success = 1"),
)

MEASURES_BY_NAME: dict[str, Measure] = {measure.name: measure for measure in MEASURES}
