"""What degradations compare with where that was captured: the baseline in force for an alert's site and release."""

from collections.abc import Collection, Iterable, Mapping

from chatvitals.alerting.observation import Key
from chatvitals.alerting.rule import Degradation, Rule
from chatvitals.store.control.baselines import ALL_RELEASES, Baseline, Baselines, CapturedFigure


class References:
    """The baselines in force at a moment."""

    def __init__(self, baselines: Iterable[Baseline] = ()) -> None:
        self._figures: dict[tuple[str, str, str], Mapping[str, CapturedFigure]] = {
            (one.name, one.site, one.release): one.figures for one in baselines
        }

    def value(self, rule: Rule, name: str, key: Key) -> float | None:
        """The captured value for an alert: that of its release, else that of all releases of its site, else None.

        One of too few samples or sessions for the rule counts for none.
        """
        places = {dimension: values[0] for dimension, values in rule.filters.items() if len(values) == 1}
        places |= zip(rule.by, key, strict=True)
        for release in (places.get("release", ALL_RELEASES), ALL_RELEASES):
            figure = self._figures.get((name, places.get("site", ""), release), {}).get(rule.metric)
            if figure is not None and figure.value is not None and tells_enough(rule, figure.n, figure.sessions):
                return figure.value
        return None


def tells_enough(rule: Rule, samples: int, sessions: int) -> bool:
    """Whether a value to compare with has as much behind it as the rule wants of the one that is compared."""
    return samples >= rule.min_samples and sessions >= rule.min_sessions


def baseline_of(rule: Rule) -> str | None:
    """The name of the baseline that a rule compares with."""
    return rule.condition.baseline if isinstance(rule.condition, Degradation) else None


def find_references(names: Collection[str], baselines: Baselines, at_ms: int) -> References:
    """What baselines of these names hold at a moment."""
    return References(baselines.in_force(names, at_ms)) if names else References()
