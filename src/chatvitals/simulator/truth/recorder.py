"""Writes the truth file while events are sent: a line for each that was acknowledged, or may have been."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from chatvitals.simulator.batches import Batch
from chatvitals.simulator.sender import Rejection
from chatvitals.simulator.truth.lines import Summary, TruthLine

SURE_MS = 1_500.0
"""A server moves batches in time when their clock seems off by 2 s; slower answers than this may look so."""

_encode = msgspec.json.Encoder().encode


class Recorder:
    """Counts what became of events and, with a `path`, writes it down as it comes."""

    def __init__(self, path: Path | None, *, site: str, sample: float) -> None:
        self._file = path.open("wb") if path else None
        self._site = site
        self._sample = sample
        self._kinds: Counter[str] = Counter()
        self.summary = Summary()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write the summary, whatever ended the run."""
        self.summary.kinds = dict(sorted(self._kinds.items()))
        self.note(self.summary)
        if self._file:
            self._file.close()

    def note(self, line: TruthLine) -> None:
        self._write(_encode(line) + b"\n")

    def flush(self) -> None:
        if self._file:
            self._file.flush()

    def acknowledged(self, batch: Batch, rejected: Sequence[Rejection] = (), *, waited_ms: float = 0.0) -> None:
        """A batch was acknowledged, except for what was rejected."""
        refused = {rejection.index: rejection for rejection in rejected}
        kept = [number for number in range(len(batch.events)) if number not in refused]
        self.summary.batches += 1
        self.summary.events += len(kept)
        self.summary.rejected += len(refused)
        self._kinds.update(batch.kinds if not refused else [batch.kinds[number] for number in kept])
        if not self._file:
            return
        marks: dict[str, Any] = {"clock": "uncertain"} if waited_ms > SURE_MS else {}
        lines = self._lines(batch, marks)
        self._write(b"".join([lines[number] for number in kept]) if refused else b"".join(lines))
        for number, rejection in refused.items():
            marked = {"truth": "rejected", "field": rejection.field, "reason": rejection.reason}
            self._write(self._lines(batch, marked)[number])

    def unknown(self, batch: Batch) -> None:
        """Nobody knows whether the server took a batch."""
        self.summary.unknown += len(batch.events)
        if self._file:
            self._write(b"".join(self._lines(batch, {"fate": "unknown"})))

    def refused(self, batch: Batch) -> None:
        """The server did not take a batch."""
        self.summary.refused += len(batch.events)

    def _lines(self, batch: Batch, marks: dict[str, Any]) -> list[bytes]:
        head = {**marks, "site": self._site, "batch": batch.id, "sample": self._sample}
        if batch.skew_ms:
            head["skewMs"] = batch.skew_ms
        prefix = _encode(head)[:-1] + b","
        return [prefix + event[1:] + b"\n" for event in batch.flat_events()]

    def _write(self, lines: bytes) -> None:
        if self._file:
            self._file.write(lines)
