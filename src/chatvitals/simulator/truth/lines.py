"""The lines of a truth file other than events: each a JSON object that says in `truth` what it is.

An event's line has no `truth`. It is the event as the server should have stored it, in one flat object: `site`,
`batch`, `sample`, the ids and dimensions, `kind`, the corrected `timestamp`, `seq`, and its own fields. Beside
them may stand

- `fate` = `unknown` where no answer came;
- `skewMs` where the client's clock was off, so that the time is right only within the time of the request;
- `clock` = `uncertain` where the answer took so long that the server may have moved the batch in time.
"""

import msgspec

from chatvitals.simulator.faults.plan import PlannedFault


class TruthLine(msgspec.Struct, tag_field="truth", rename="camel", kw_only=True):
    """A line about the run. Times in Unix milliseconds."""


class StartLine(TruthLine, tag="start"):
    """The first line."""

    seed: int
    rate: float
    customers: int
    start_ms: int


class FaultLine(TruthLine, tag="fault"):
    """A planted fault; `until_ms` is None where it stays."""

    fault: str
    from_ms: float
    until_ms: float | None
    share: float
    where: dict[str, str]

    @classmethod
    def of(cls, plan: PlannedFault, start_ms: int) -> "FaultLine":
        until_ms = start_ms + plan.until_ms
        return cls(
            fault=plan.fault.name,
            from_ms=start_ms + plan.at_ms,
            until_ms=None if until_ms == float("inf") else until_ms,
            share=plan.share,
            where=dict(plan.where),
        )


class Summary(TruthLine, tag="summary"):
    """The last line: what came of everything sent. `kinds` counts the events that were acknowledged.

    `rejected` events were answered with a reason, `refused` ones never taken, the fate of `unknown` ones
    isn't known. `duplicates` counts batches that were sent again after they had been acknowledged, `retries`
    attempts beyond the first of a request.
    """

    from_ms: float = 0.0
    until_ms: float = 0.0
    events: int = 0
    kinds: dict[str, int] = {}
    batches: int = 0
    duplicates: int = 0
    rejected: int = 0
    refused: int = 0
    unknown: int = 0
    retries: int = 0
