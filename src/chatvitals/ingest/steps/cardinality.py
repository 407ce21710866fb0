"""Keep the number of different values of each dimension within its cap; fold the rest into `__other__`."""

from collections.abc import Iterable

from chatvitals.catalogue.columns import FIELDS, ColumnType
from chatvitals.catalogue.dimensions import DIMENSIONS, LABEL_CAPS, OVERFLOW
from chatvitals.catalogue.kinds import KINDS, Event
from chatvitals.ingest.delivery import Delivery
from chatvitals.ingest.steps.scrub import TREATMENTS

Value = tuple[str, str, str]
"""(site, dimension, value)."""


class Vocabulary:
    """The values that each site's dimensions have, up to their caps. Used by one thread."""

    def __init__(self, known: Iterable[Value] = ()) -> None:
        self._admitted: dict[tuple[str, str], set[str]] = {}
        self._seen_since: list[Value] = []
        for site, dimension, value in known:
            self._admitted.setdefault((site, dimension), set()).add(value)

    def admits(self, site: str, dimension: str, value: str, cap: int) -> bool:
        """Whether `value` is, or now becomes, one of the dimension's values."""
        values = self._admitted.get((site, dimension))
        if values is None:
            values = self._admitted[site, dimension] = set()
        if value in values:
            return True
        if len(values) >= cap:
            return False
        values.add(value)
        self._seen_since.append((site, dimension, value))
        return True

    def take_new(self) -> list[Value]:
        """The values admitted since the last call, to be remembered."""
        taken, self._seen_since = self._seen_since, []
        return taken


def _capped_fields(kind: str) -> tuple[tuple[str, str, int], ...]:
    """For a kind its free-text label fields: attribute, dimension's name, cap."""
    treated = {name for name, _ in TREATMENTS.get(KINDS[kind], ())}
    return tuple(
        (field.name, f"{kind}.{field.wire_name}", LABEL_CAPS[field.column])
        for field in FIELDS[kind]
        if field.type is ColumnType.LABEL and field.name in treated
    )


_CAPPED: dict[type[Event], tuple[tuple[str, str, int], ...]] = {
    struct: fields for kind, struct in KINDS.items() if (fields := _capped_fields(kind))
}


class FoldCardinality:
    """Fold what is beyond a cap; a folded event is stored, and counted as folded."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary

    def __call__(self, delivery: Delivery) -> None:
        """Cut and fold the context's dimensions, then the label fields of each event."""
        site, context, admits = delivery.site.name, delivery.context, self._vocabulary.admits
        for dimension in DIMENSIONS:
            value = getattr(context, dimension.name)
            if value:
                if len(value) > dimension.length:
                    value = value[: dimension.length]
                    setattr(context, dimension.name, value)
                if not admits(site, dimension.name, value, dimension.cap):
                    setattr(context, dimension.name, OVERFLOW)
                    delivery.folded = dict.fromkeys(range(len(delivery.events)), dimension.name)
        for place, event in enumerate(delivery.events):
            for name, label, cap in _CAPPED.get(event.__class__, ()):
                value = getattr(event, name)
                if value and not admits(site, label, value, cap):
                    setattr(event, name, OVERFLOW)
                    delivery.folded.setdefault(place, label)
