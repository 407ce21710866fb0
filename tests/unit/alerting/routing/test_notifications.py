import pytest
from msgspec import structs
from tests.support.timeline import START_MS, make_incident

from chatvitals.alerting.routing.notifications import MOST_LISTED, make_notification
from chatvitals.notify.message import Notification, Reason
from chatvitals.store.control.dispatches import Group
from chatvitals.store.control.incidents import Incident, IncidentStatus

GROUP = Group(way=(), receiver="on-call", labels={"site": "shop"}, first="0", told_ms=START_MS)


def many(count: int, status: IncidentStatus) -> list[Incident]:
    ended_ms = START_MS if status is IncidentStatus.RESOLVED else None
    one = make_incident("one", START_MS)
    return [structs.replace(one, id=f"{status} {place}", status=status, resolved_ms=ended_ms) for place in range(count)]


def told(open: int, resolved: int) -> Notification:
    incidents = [*many(open, IncidentStatus.OPEN), *many(resolved, IncidentStatus.RESOLVED)]
    return make_notification("key", GROUP, "on-call", Reason.CHANGED, incidents, START_MS)


@pytest.mark.parametrize(
    ("open", "resolved", "listed"),
    [
        (2, 1, (2, 1)),
        (MOST_LISTED, 0, (MOST_LISTED, 0)),
        (10_000, 0, (MOST_LISTED, 0)),
        (0, 10_000, (0, MOST_LISTED)),
        (10_000, 10_000, (MOST_LISTED // 2, MOST_LISTED // 2)),
        (10_000, 3, (MOST_LISTED - 3, 3)),
        (3, 10_000, (3, MOST_LISTED - 3)),
    ],
)
def test_the_gravest_are_listed_and_the_others_counted(open: int, resolved: int, listed: tuple[int, int]) -> None:
    notification = told(open, resolved)
    ids = [one.incident for one in notification.incidents]
    assert ids == [f"open {n}" for n in range(listed[0])] + [f"resolved {n}" for n in range(listed[1])]
    assert len(ids) + notification.omitted == open + resolved
    assert notification.reason is (Reason.CHANGED if open else Reason.RESOLVED)
