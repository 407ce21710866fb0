"""Where pages are that others lead to."""

from chatvitals.dashboard.view import View, segment

METRIC_PAGES = "/dashboard/metrics"


def metric_href(view: View, path: str, **own: str | int | None) -> str:
    """The page of a metric, as it looks in this view."""
    return view.href(f"{METRIC_PAGES}/{segment(path)}", **own)


def metric_csv_href(view: View, path: str, **own: str | int | None) -> str:
    """A metric's chart as a file."""
    return view.href(f"{METRIC_PAGES}/{segment(path)}/csv", **own)
