"""`/dashboard/streaming`: streamed answers, how they ended and how they were to wait for."""

from dataclasses import dataclass
from functools import partial

from chatvitals.dashboard.elements.chart import Chart
from chatvitals.dashboard.elements.fact import Fact
from chatvitals.dashboard.elements.missing import Missing
from chatvitals.dashboard.elements.stack import Segment
from chatvitals.dashboard.elements.table import Table, arrange, make_table
from chatvitals.dashboard.elements.tabs import Choice, Tab
from chatvitals.dashboard.kinds.parts import parts_of
from chatvitals.dashboard.kinds.streaming import (
    answer_facts,
    outcome_bar,
    outcomes_chart,
    outcomes_table,
    part_fields,
    waits_charts,
    waits_table,
)
from chatvitals.dashboard.page import Page, PageContext, Visit, help_
from chatvitals.dashboard.places import metric_href
from chatvitals.query.streaming import ANSWERS, answers_by, answers_over_time, measure_answers

PATH = "/dashboard/streaming"
BY = Choice("by", {"browser": "Browser", "release": "Release", "customer": "Customer", "device": "Device"})

NO_ANSWERS = Missing(
    "No streamed answer was told of, in this window and with these filters.",
    "const answer = measureAnswer(vitals);  // when the answer is asked for\n"
    "answer.chunk();                        // each time a piece was put on screen\n"
    'answer.end();                          // or answer.end("truncated")',
    "A page that is left before the end tells by itself that its answer was orphaned.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamingContext(PageContext):
    """Streamed answers."""

    facts: tuple[Fact, ...] = help_("The figures that sum up the answers")
    bar: tuple[Segment, ...] = help_("How answers ended, as parts of a bar")
    outcomes: Table | None = help_("How answers ended; None where there was none")
    waits: Table | None = help_("How long visitors waited, as percentiles")
    outcomes_chart: Chart | None = help_("The answers that didn't simply arrive, over time")
    charts: tuple[Chart, ...] = help_("Each wait over time")
    tabs: tuple[Tab, ...] = help_("The dimensions that answers can be seen by")
    parts: Table | None = help_("The answers by a dimension, those cut short most often first")
    no_answers: Missing | None = help_("Where no answer was told of: how widgets tell")


def build(visit: Visit) -> StreamingContext:
    """Measure the answers of the window."""
    view, engine = visit.view, visit.parts.source.engine
    question, few = view.question(visit.now_ms), visit.parts.settings.min_samples
    by = BY.read(visit.query)
    link = partial(view.href, PATH)
    tabs = BY.tabs(by, link)
    answers = measure_answers(engine, question)
    if not answers[ANSWERS].n:
        return StreamingContext(
            heading="Streaming",
            facts=(),
            bar=(),
            outcomes=None,
            waits=None,
            outcomes_chart=None,
            charts=(),
            tabs=tabs,
            parts=None,
            no_answers=NO_ANSWERS,
        )
    course = answers_over_time(engine, question)
    parts = parts_of(answers_by(engine, question, by), ANSWERS)
    fields = part_fields(parts, by, BY.words[by], few)
    sessions_href = view.href("/dashboard/sessions", wrong="stream")
    return StreamingContext(
        heading="Streaming",
        facts=answer_facts(answers, few, partial(metric_href, visit.view)),
        bar=outcome_bar(answers),
        outcomes=outcomes_table(answers),
        waits=waits_table(answers),
        outcomes_chart=outcomes_chart(course, question.window, view.zone, few, sessions_href),
        charts=waits_charts(course, question.window, view.zone, few, sessions_href),
        tabs=tabs,
        parts=make_table(
            f"Answers by {BY.words[by].lower()}",
            fields,
            arrange(parts, fields, "-truncated", visit.query),
            partial(link, by=BY.said(by)),
            lambda part: view.where(by, part.value).href(PATH),
        ),
        no_answers=None,
    )


PAGE = Page(PATH, "streaming", "Streaming", "streaming.html", build, single=True)
