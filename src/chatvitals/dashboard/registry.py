"""All pages, actions and downloads of the dashboard, and its navigation."""

from dataclasses import dataclass

from chatvitals.dashboard.page import Action, Download, Page
from chatvitals.dashboard.pages import (
    baselines,
    boot,
    customer,
    customers,
    errors,
    incident,
    metric,
    outbox,
    performance,
    receivers,
    releases,
    rule,
    rule_edits,
    rules,
    session,
    sessions,
    setup,
    silence,
    storage,
    streaming,
    system,
    view,
    view_edits,
    views,
)

PAGES: tuple[Page, ...] = (
    performance.PAGE,
    customers.PAGE,
    customer.PAGE,
    releases.PAGE,
    sessions.PAGE,
    session.PAGE,
    metric.PAGE,
    storage.PAGE,
    boot.PAGE,
    streaming.PAGE,
    errors.PAGE,
    views.PAGE,
    view.PAGE,
    incident.PAGE,
    silence.PAGE,
    rules.PAGE,
    rule.PAGE,
    rule.NEW_PAGE,
    receivers.PAGE,
    outbox.PAGE,
    baselines.PAGE,
    system.PAGE,
    setup.PAGE,
)

ACTIONS: tuple[Action, ...] = (
    *views.ACTIONS,
    *view_edits.ACTIONS,
    *incident.ACTIONS,
    *silence.ACTIONS,
    *rule_edits.ACTIONS,
    *receivers.ACTIONS,
    *outbox.ACTIONS,
    *baselines.ACTIONS,
    *setup.ACTIONS,
)

DOWNLOADS: tuple[Download, ...] = (metric.CSV, session.EVENTS)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the navigation: the page's name, what it says, and the key that goes there after `g`."""

    page: str
    words: str
    key: str


NAVIGATION: tuple[Entry, ...] = (
    Entry("performance", "Performance", "p"),
    Entry("customers", "Customers", "c"),
    Entry("releases", "Releases", "r"),
    Entry("sessions", "Sessions", "s"),
    Entry("storage", "Storage", "t"),
    Entry("boot", "Boot", "b"),
    Entry("streaming", "Streaming", "m"),
    Entry("errors", "Errors", "e"),
    Entry("views", "Views", "v"),
    Entry("rules", "Rules", "u"),
    Entry("system", "System", "y"),
)
"""Places in the order in which people ask."""

PAGES_BY_NAME: dict[str, Page] = {page.name: page for page in PAGES}
