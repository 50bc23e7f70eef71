"""Whether two ways to run the core have the same distributions of outcome.

Each statistic has one value for each seed. Two contestants agree in it if both hold: a two-sample
test (Welch) finds no difference, at a level shared among all comparisons, and the 90 % interval of
the relative difference of means lies within a bound (two one-sided tests at 5 %). The first alone
would let too few seeds pass for equality, the second alone would overlook small, sure differences.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
from scipy import stats

LEVEL: Final = 0.01
"""Chance of a false alarm in any comparison, if all contestants are equal."""
BOUND: Final = 0.10
"""Largest relative difference of means that counts as the same."""
INTERVAL: Final = 0.90


class Comparison(NamedTuple):
    """One statistic of two contestants."""

    who: str
    statistic: str
    ours: float
    theirs: float
    low: float
    """Lower end of the interval of the relative difference."""
    high: float
    p_value: float
    comparisons: int
    """How many there are, among which the level is shared."""

    @property
    def agrees(self) -> bool:
        is_alike = self.p_value * self.comparisons >= LEVEL
        return is_alike and max(-self.low, self.high) <= BOUND


def compared(
    ours: Sequence[Mapping[str, float]], others: Mapping[str, Sequence[Mapping[str, float]]]
) -> list[Comparison]:
    """Compare every statistic of others with ours, over seeds."""
    comparisons = len(ours[0]) * len(others)
    return [
        _comparison(who, name, ours, theirs, comparisons)
        for who, theirs in others.items()
        for name in ours[0]
    ]


def _comparison(
    who: str,
    name: str,
    ours: Sequence[Mapping[str, float]],
    theirs: Sequence[Mapping[str, float]],
    comparisons: int,
) -> Comparison:
    a = np.array([each[name] for each in ours])
    b = np.array([each[name] for each in theirs])
    test = stats.ttest_ind(b, a, equal_var=False)
    interval = test.confidence_interval(INTERVAL)
    return Comparison(
        who,
        name,
        float(a.mean()),
        float(b.mean()),
        float(interval.low / a.mean()),
        float(interval.high / a.mean()),
        float(test.pvalue),
        comparisons,
    )
