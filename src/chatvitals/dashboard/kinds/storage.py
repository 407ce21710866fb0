"""The tables of the storage page: pure, from the census and the work of a window."""

from collections.abc import Callable, Mapping, Sequence

from chatvitals.catalogue.measures import Measure
from chatvitals.dashboard.elements.fact import Fact, MetricLink, sure
from chatvitals.dashboard.elements.table import Cell, Column, Field, Row, Table, cell_of
from chatvitals.dashboard.kinds.meanings import OTHER_REFUSAL, POLICIES, REFUSALS
from chatvitals.dashboard.kinds.parts import (
    Part,
    count_field,
    name_field,
    quantile_field,
    sessions_field,
    share_field,
    unsure_cell,
)
from chatvitals.dashboard.naming import name_of
from chatvitals.dashboard.saying import NOTHING, plural, share, show
from chatvitals.query.figures import Key
from chatvitals.query.storage import (
    CAN_STORE,
    CANNOT_STORE,
    FAILED,
    FILLED,
    FILLED_NEAR_LIMIT,
    NEAR_LIMIT,
    OPERATIONS,
    PERSISTED,
    PERSISTENCE_KNOWN,
    PROBES,
    QUOTA,
    QUOTA_NEARLY_USED,
    QUOTA_USED,
    SUCCEEDED,
    USAGE,
    Census,
    Work,
)
from chatvitals.query.tally import Tally

AREAS = ("localStorage", "sessionStorage", "indexedDB", "memory", "server", "")
MOST_BROWSERS = 15
_MOST_ERRORS = 20
_QUANTILES = ("p50", "p95", "p99")

Grade = Callable[[float], str]


def census_facts(census: Census, few: int, metric: MetricLink) -> tuple[Fact, ...]:
    """What sums up the census."""
    whole = census.whole
    return (
        Fact(
            "Browsers that can store",
            show(whole.share(CAN_STORE, PROBES), "%", sure(whole[PROBES].n, few)),
            f"of {plural(whole.count(PROBES), 'start')} in {plural(whole.sessions, 'session')}",
            metric("boot.storageAvailableRate"),
        ),
        Fact(
            "Persisted",
            show(whole.share(PERSISTED, PERSISTENCE_KNOWN), "%", sure(whole[PERSISTENCE_KNOWN].n, few)),
            f"of {plural(whole.count(PERSISTENCE_KNOWN), 'start')} whose browser says so",
        ),
        Fact(
            f"Over {NEAR_LIMIT} % full",
            show(whole.share(FILLED_NEAR_LIMIT, FILLED), "%", sure(whole[FILLED].n, few)),
            f"of {plural(whole.count(FILLED), 'start')} whose browser says so",
        ),
    )


def work_facts(work: Work, few: int, grade: Grade, metric: MetricLink) -> tuple[Fact, ...]:
    """What sums up the operations."""
    whole = work.whole
    value, n = whole.share(SUCCEEDED, OPERATIONS), whole[OPERATIONS].n
    good = "unknown" if n < few else grade(value or 0.0)
    return (
        Fact(
            "Operations that succeed",
            show(value, "%", good),
            f"of {plural(whole.count(OPERATIONS), 'operation')}, {plural(whole.count(FAILED), 'failure')}",
            metric("persistence.operations.successRate"),
        ),
        Fact(
            "Operations take, p95",
            show(whole.quantile(OPERATIONS, "p95"), "ms", sure(n, few)),
            f"median {show(whole.quantile(OPERATIONS, 'p50'), 'ms').said}",
            metric("persistence.operations.p95Duration"),
        ),
    )


def census_fields(parts: Sequence[Part], dimension: str, title: str, few: int) -> tuple[Field[Part], ...]:
    """The columns of the census by a dimension."""
    return (
        name_field(dimension, title),
        count_field("starts", "Starts", PROBES, parts, "Starts of the widget that took the census"),
        sessions_field(),
        share_field("stores", "Can store", CAN_STORE, PROBES, few),
        share_field(
            "persisted",
            "Persisted",
            PERSISTED,
            PERSISTENCE_KNOWN,
            few,
            "Of those that say: the browser promises not to evict what is stored",
        ),
        quantile_field("quota", "Quota, median", QUOTA, "p50", "bytes", few, "What the browser grants the origin"),
        quantile_field("usage", "Used, p95", USAGE, "p95", "bytes", few, "By the whole origin, not only the widget"),
        share_field("near", f"Over {NEAR_LIMIT} % full", FILLED_NEAR_LIMIT, FILLED, few),
    )


def refusals_table(census: Census) -> Table:
    """Why browsers refuse, the most frequent reason first."""
    whole = census.whole.count(PROBES)
    ordered = sorted(census.refusals.items(), key=lambda item: -item[1].count(CANNOT_STORE))
    rows = []
    for (reason,), refused in ordered:
        number = refused.count(CANNOT_STORE)
        meaning = REFUSALS.get(reason, OTHER_REFUSAL)
        rows.append(
            Row(
                (
                    Cell(reason or "no reason given"),
                    cell_of(show(number, "count"), 100 * number / whole if whole else None),
                    cell_of(show(100 * number / whole if whole else None, "%")),
                    Cell(meaning.means),
                    Cell(meaning.remedy),
                )
            )
        )
    return Table(
        "Why browsers can't store",
        (
            Column("reason", "Reason"),
            Column("starts", "Starts", "right"),
            Column("share", "Of all", "right"),
            Column("means", "What it means"),
            Column("remedy", "What to do"),
        ),
        tuple(rows),
        empty="No browser refused: every start that took the census could store.",
    )


def policies_table(census: Census) -> Table:
    """What widgets declared to keep."""
    whole = census.whole.count(PROBES)
    ordered = sorted(census.policies.items(), key=lambda item: -item[1].count(PROBES))
    rows = tuple(
        Row(
            (
                Cell(policy or "not declared"),
                Cell(POLICIES.get(policy, "")),
                cell_of(show(probes.count(PROBES), "count"), 100 * probes.count(PROBES) / whole if whole else None),
            )
        )
        for (policy,), probes in ordered
    )
    columns = (Column("policy", "Policy"), Column("means", "What it promises"), Column("starts", "Starts", "right"))
    return Table("Declared policy", columns, rows)


def room_table(census: Tally, work: Tally) -> Table:
    """How much room there is, and how much of it is used, as percentiles."""
    lines = (
        ("Granted to the origin", census, QUOTA, "bytes", PROBES),
        ("Used by the origin", census, USAGE, "bytes", PROBES),
        ("Used, of what is granted", census, FILLED, "%", PROBES),
        ("Used by the conversation, of its quota", work, QUOTA_USED, "%", OPERATIONS),
    )
    rows = tuple(
        Row(
            (
                Cell(name),
                *(cell_of(show(tally.quantile(measure, quantile), unit)) for quantile in _QUANTILES),
                Cell(_told_by(tally, measure, of)),
            )
        )
        for name, tally, measure, unit, of in lines
    )
    return Table(
        "Room",
        (
            Column("what", "What"),
            *(Column(quantile, quantile, "right") for quantile in _QUANTILES),
            Column("coverage", "Told by"),
        ),
        rows,
    )


def _told_by(tally: Tally, measure: Measure, of: Measure) -> str:
    """How many of all events tell of a measure."""
    part = tally.share(measure, of)
    noun = "operation" if of is OPERATIONS else "start"
    return "nobody" if not part else f"{plural(tally.count(measure), noun)}, {share(part)} % of all"


def areas_table(work: Work, few: int, grade: Grade) -> Table:
    """How operations went in each storage area."""
    whole = work.whole.count(OPERATIONS)
    rows = []
    for area in _present_areas(work.areas):
        tally = work.areas[area,]
        number, n = tally.count(OPERATIONS), tally[OPERATIONS].n
        rows.append(
            Row(
                (
                    Cell(area or "not told"),
                    cell_of(show(number, "count"), 100 * number / whole if whole else None),
                    unsure_cell(tally.share(SUCCEEDED, OPERATIONS), "%", n, few, grade),
                    cell_of(show(tally.count(FAILED), "count")),
                    *(unsure_cell(tally.quantile(OPERATIONS, quantile), "ms", n, few) for quantile in _QUANTILES),
                    cell_of(show(tally.share(QUOTA_NEARLY_USED, QUOTA_USED), "%")),
                )
            )
        )
    return Table(
        "Operations by storage area",
        (
            Column("area", "Area"),
            Column("operations", "Operations", "right"),
            Column("success", "Success", "right"),
            Column("failed", "Failed", "right"),
            *(Column(quantile, f"Duration, {quantile}", "right") for quantile in _QUANTILES),
            Column("near", f"Over {NEAR_LIMIT} % of quota", "right", help="Of the operations that tell their quota"),
        ),
        tuple(rows),
    )


def operations_matrix(work: Work, few: int, grade: Grade) -> Table:
    """Success by operation and storage area."""
    counts: dict[str, float] = {}
    for (_, operation), tally in work.operations.items():
        counts[operation] = counts.get(operation, 0.0) + tally.count(OPERATIONS)
    named = [(operation or "not told", operation) for operation in sorted(counts, key=lambda name: -counts[name])]
    cells: dict[Key, Tally] = {(operation, area): tally for (area, operation), tally in work.operations.items()}
    return _matrix("Success by operation and area", "Operation", named, cells, work, few, grade)


def browsers_matrix(work: Work, few: int, grade: Grade) -> Table:
    """Success by browser and storage area, the browsers with the most operations first."""
    counts: dict[str, float] = {}
    for (browser, _), tally in work.browsers.items():
        counts[browser] = counts.get(browser, 0.0) + tally.count(OPERATIONS)
    browsers = sorted(counts, key=lambda name: (-counts[name], name))[:MOST_BROWSERS]
    named = [(name_of("browser", browser), browser) for browser in browsers]
    return _matrix("Success by browser and area", "Browser", named, work.browsers, work, few, grade)


def _matrix(
    caption: str,
    corner: str,
    named: Sequence[tuple[str, str]],
    cells: Mapping[Key, Tally],
    work: Work,
    few: int,
    grade: Grade,
) -> Table:
    areas = _present_areas(work.areas)
    return Table(
        caption,
        (Column("row", corner), *(Column(area or "none", area or "not told", "right") for area in areas)),
        tuple(
            Row((Cell(name), *(_success_cell(cells.get((value, area)), few, grade) for area in areas)))
            for name, value in named
        ),
    )


def _success_cell(tally: Tally | None, few: int, grade: Grade) -> Cell:
    """The success of one field of a matrix; a dash where nothing was done there."""
    if tally is None:
        return Cell(NOTHING, exact="no operation")
    cell = unsure_cell(tally.share(SUCCEEDED, OPERATIONS), "%", tally[OPERATIONS].n, few, grade)
    number, failed = tally.count(OPERATIONS), tally.count(OPERATIONS) - tally.count(SUCCEEDED)
    exact = f"{plural(number, 'operation')}, {plural(failed, 'failure')}"
    return Cell(cell.text, cell.unit, exact, grade=cell.grade, word=cell.word)


def errors_table(work: Work) -> Table:
    """Why operations failed, by area, the most frequent first."""
    ordered = sorted(work.errors.items(), key=lambda item: (-item[1].count(FAILED), item[0]))[:_MOST_ERRORS]
    whole = work.whole.count(FAILED)
    rows = []
    for (area, error), failed in ordered:
        number = failed.count(FAILED)
        of_area = work.areas[area,].count(OPERATIONS) if (area,) in work.areas else 0.0
        rows.append(
            Row(
                (
                    Cell(error or "no error named"),
                    Cell(area or "not told"),
                    cell_of(show(number, "count"), 100 * number / whole if whole else None),
                    cell_of(show(100 * number / of_area if of_area else None, "%")),
                )
            )
        )
    return Table(
        "Failed operations by error",
        (
            Column("error", "Error"),
            Column("area", "Area"),
            Column("failed", "Failed", "right"),
            Column("share", "Of the area's", "right", help="Of all operations in this area"),
        ),
        tuple(rows),
        empty="No operation failed.",
    )


def _present_areas(areas: Mapping[Key, Tally]) -> list[str]:
    """The areas that were used, in a fixed order; what no area was told for, or an unknown one, comes last."""
    known = [area for area in AREAS if (area,) in areas]
    return [*known, *sorted(area for (area,) in areas if area not in AREAS)]
