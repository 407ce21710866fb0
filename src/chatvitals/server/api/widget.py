"""`GET /api/monitoring/widget`: health and every figure of a window, as JSON, CSV or Prometheus text."""

import csv
import io
from typing import Any, Literal

from msgspec import Struct

from chatvitals.catalogue.bands import Bands
from chatvitals.catalogue.metrics import METRICS, METRICS_BY_PATH
from chatvitals.query.figures import Source
from chatvitals.query.health import Health
from chatvitals.query.request import Question
from chatvitals.query.snapshot import Picture, figure_tree, health_of, take_pictures, tidy
from chatvitals.server.api.widget_alerts import WidgetAlerts, find_alerts
from chatvitals.settings import Settings
from chatvitals.store.control.incidents import Incidents

AnswerFormat = Literal["json", "csv", "prometheus"]


class WindowAnswer(Struct, rename="camel", frozen=True):
    """The window that was answered, Unix milliseconds; without its end."""

    start: int
    end: int
    length: int


class WidgetPictures(Struct, frozen=True):
    """A window and the one before it, and what is wrong now."""

    question: Question
    now: Picture
    before: Picture
    alerts: WidgetAlerts


def ask_pictures(source: Source, incidents: Incidents, question: Question) -> WidgetPictures:
    """Both windows' figures and the open alerts. Raises EngineError."""
    return WidgetPictures(question, *take_pictures(source, question), find_alerts(incidents, question))


def bands_of(settings: Settings) -> dict[str, Bands]:
    """The bands that score health: the catalogue's, and the settings' in their place."""
    bands = {metric.path: metric.bands for metric in METRICS if metric.bands is not None}
    return bands | {path: Bands(*bounds) for path, bounds in settings.bands.items()}


def assess_health(pictures: WidgetPictures, settings: Settings) -> Health:
    """The health of the window, by the settings."""
    return health_of(pictures.now, settings.health_weights, bands_of(settings), settings.min_samples)


def widget_answer(pictures: WidgetPictures, settings: Settings) -> dict[str, Any]:
    """The whole answer, as it is encoded."""
    window = pictures.question.window
    before = window.previous()
    return {
        "health": assess_health(pictures, settings),
        **figure_tree(pictures.now),
        "alerts": pictures.alerts.alerts,
        "alertStats": pictures.alerts.stats,
        "window": WindowAnswer(window.start_ms, window.end_ms, window.length_ms),
        "coverage": pictures.now.coverage,
        "previous": {
            "window": WindowAnswer(before.start_ms, before.end_ms, before.length_ms),
            **figure_tree(pictures.before),
            "coverage": pictures.before.coverage,
        },
    }


def widget_csv(pictures: WidgetPictures) -> str:
    """A row for each metric."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(("metric", "unit", "value", "n", "sessions", "previous", "previousN"))
    for path, figure in pictures.now.figures.items():
        before = pictures.before.figures[path]
        table.writerow(
            (
                path,
                METRICS_BY_PATH[path].unit,
                _cell(figure.value),
                figure.n,
                figure.sessions,
                _cell(before.value),
                before.n,
            )
        )
    return out.getvalue()


def _cell(value: float | None) -> str:
    shown = tidy(value)
    return "" if shown is None else str(shown)
