"""Inhibition: of what follows from something that is told already, nothing is told."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from chatvitals.alerting.routing.matchers import all_match
from chatvitals.alerting.routing.routes import Inhibition, Labels

_Values = tuple[str, ...]


@dataclass(slots=True)
class _Sources:
    """The values of the equal labels of what is open and chosen as a source; `pure` without what is a target too."""

    all: set[_Values] = field(default_factory=set)
    pure: set[_Values] = field(default_factory=set)


class Inhibitor:
    """Knows what is open at one moment."""

    def __init__(self, inhibitions: Sequence[Inhibition], open: Iterable[Labels]) -> None:
        self._inhibitions = [(inhibition, _Sources()) for inhibition in inhibitions]
        for labels in open if inhibitions else ():
            for inhibition, sources in self._inhibitions:
                if all_match(inhibition.source, labels):
                    values = _values(inhibition, labels)
                    sources.all.add(values)
                    if not all_match(inhibition.target, labels):
                        sources.pure.add(values)

    def hides(self, labels: Labels) -> bool:
        """Whether an incident with these labels isn't told because of another.

        One that is source and target at once is hidden only by those that are sources alone: nothing hides itself, nor
        do two hide each other.
        """
        for inhibition, sources in self._inhibitions:
            if all_match(inhibition.target, labels):
                hiding = sources.pure if all_match(inhibition.source, labels) else sources.all
                if _values(inhibition, labels) in hiding:
                    return True
        return False


def _values(inhibition: Inhibition, labels: Labels) -> _Values:
    return tuple(labels.get(name, "") for name in inhibition.equal)
