"""Where pages are that others lead to."""

from chatvitals.dashboard.view import View, segment
from chatvitals.query.curves import Curves

METRIC_PAGES = "/dashboard/metrics"


def metric_href(view: View, path: str, **own: str | int | None) -> str:
    """The page of a metric, as it looks in this view."""
    return view.href(f"{METRIC_PAGES}/{segment(path)}", **own)


def metric_csv_href(view: View, path: str, **own: str | int | None) -> str:
    """A metric's chart as a file."""
    return view.href(f"{METRIC_PAGES}/{segment(path)}/csv", **own)


def metric_json_href(view: View, path: str, curves: Curves) -> str:
    """What a metric's chart shows as the API answers it: the same steps, and so the same figures."""
    shown = view.between(curves.times[0], curves.end_ms)
    return shown.api_href("/api/monitoring/series", curves.end_ms, metric=path, step=curves.step_ms)
