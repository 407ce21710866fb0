from chatvitals.dashboard.places import metric_csv_href, metric_href
from chatvitals.dashboard.view import View


def test_a_metric_s_page_is_seen_in_the_same_view() -> None:
    view = View(filters={"customer": ("a&b",)})
    assert metric_href(view, "api.errorRate", by="page") == "/dashboard/metrics/api.errorRate?customer=a%26b&by=page"
    assert metric_csv_href(view, "api.errorRate") == "/dashboard/metrics/api.errorRate/csv?customer=a%26b"


def test_a_name_that_is_no_metric_s_stays_one_part_of_the_path() -> None:
    assert metric_href(View(), "../x/y?z") == "/dashboard/metrics/..%2Fx%2Fy%3Fz"
    assert metric_csv_href(View(), "x/y") == "/dashboard/metrics/x%2Fy/csv"
