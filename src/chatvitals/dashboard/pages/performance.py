"""`/dashboard/performance`: how healthy, what is wrong now, and every figure."""

from dataclasses import dataclass

from chatvitals.dashboard.page import Page, PageContext, Visit, help_
from chatvitals.query.health import Health
from chatvitals.query.snapshot import health_of, take_picture


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformanceContext(PageContext):
    """The main page."""

    health: Health = help_("The overall score, its categories, and what each metric contributed")


def build(visit: Visit) -> PerformanceContext:
    """Ask for the window and the one before it."""
    parts = visit.parts
    picture = take_picture(parts.source, visit.view.question(visit.now_ms))
    health = health_of(picture, parts.settings.health_weights, parts.bands, parts.settings.min_samples)
    return PerformanceContext(heading="Performance", health=health)


PAGE = Page("/dashboard/performance", "performance", "Performance", "performance.html", build)
