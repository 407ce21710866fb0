"""What the channel `database` delivered, as rows of the control store."""

from msgspec import Struct
from sqlalchemy import Engine, delete, select

from chatvitals.store.control.database import reading
from chatvitals.store.control.inserting import insert_missing
from chatvitals.store.control.tables import NOTIFICATIONS


class KeptNotification(Struct, frozen=True):
    """One of them; `document` is the notification in JSON."""

    id: str
    receiver: str
    created_ms: int
    document: str


class Notifications:
    """Keeps notifications, each once."""

    def __init__(self, database: Engine) -> None:
        self._database = database

    def keep(self, notification: KeptNotification) -> None:
        """Keep one, unless it is there."""
        row = {name: getattr(notification, name) for name in notification.__struct_fields__}
        with self._database.begin() as connection:
            insert_missing(connection, NOTIFICATIONS, [row])

    def find(self, limit: int, receiver: str = "") -> list[KeptNotification]:
        """The newest ones, of one receiver or of all."""
        wanted = select(NOTIFICATIONS).order_by(NOTIFICATIONS.c.created_ms.desc(), NOTIFICATIONS.c.id).limit(limit)
        if receiver:
            wanted = wanted.where(NOTIFICATIONS.c.receiver == receiver)
        with reading(self._database) as connection:
            rows = connection.execute(wanted).all()
        return [KeptNotification(row.id, row.receiver, row.created_ms, row.document) for row in rows]

    def clean(self, before_ms: int, limit: int) -> int:
        """Remove older ones, at most `limit`; how many they were."""
        old = select(NOTIFICATIONS.c.id).where(NOTIFICATIONS.c.created_ms < before_ms).limit(limit)
        with self._database.begin() as connection:
            return connection.execute(delete(NOTIFICATIONS).where(NOTIFICATIONS.c.id.in_(old))).rowcount
