"""How sure one may be of a difference that was seen in pairs of runs with the same luck.

Intervals are Student's for the mean of the differences: exact where differences are normal. Where
they are not, they cover less than they promise. Of intervals of 95 %, so many cover the true mean,
as the tests measure:

==================================================  =======  ========  ========  =========
differences                                         8 pairs  20 pairs  50 pairs  100 pairs
==================================================  =======  ========  ========  =========
normal                                              95 %     95 %      95 %      95 %
skew: lognormal with sigma 0.5                      92 %     93 %      94 %      95 %
very skew: lognormal with sigma 1                   83 %     87 %      90 %      92 %
rare: 1 in a fifth of the seeds, else 0             83 %     92 %      94 %      94 %
rare: 1 in a tenth of the seeds, else 0             57 %     88 %      88 %      93 %
rare: 1 in a twentieth of the seeds, else 0         34 %     64 %      92 %      88 %
==================================================  =======  ========  ========  =========

What is rare is mostly missed because no seed of a few shows it: all pairs are alike then, and the
interval has no width. `share_unseen` tells how rare it must be.
"""

import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.experiments.extras import need
from sim.words import phrase

CONFIDENCE: Final = 0.95
"""Share of intervals that cover what is true."""
METHOD: Final = phrase("Student's t interval for the mean of the differences between paired runs")
FEWEST_FOR_A_RATIO: Final = 3
"""Pairs that the interval of a ratio of variances takes."""
MOST_REPLICATES_NEEDED: Final = 1_000_000_000
"""More are never asked for."""
_ROUNDING: Final = 1e-13
"""Values that differ by less than this share of them are the same."""

Floats = NDArray[np.float64]


class Interval(NamedTuple):
    """A mean and the bounds between which the true one lies; nan where too little is known."""

    mean: float
    low: float
    high: float

    @property
    def width(self) -> float:
        """From bound to bound."""
        return self.high - self.low

    @property
    def excludes_zero(self) -> bool:
        """Whether there is a difference at all."""
        return self.low > 0.0 or self.high < 0.0


def mean_interval(values: Floats, confidence: float = CONFIDENCE) -> Interval:
    """Return the mean of values that are independent of each other, with its interval.

    Parameters
    ----------
    values : array (replicates,)
        The values; with one of them alone there is no interval, and without any no mean.
    confidence : float
        Share of intervals that cover the true mean (0-1).
    """
    count = values.size
    if count == 0:
        return Interval(math.nan, math.nan, math.nan)
    mean = float(values.mean())
    if count == 1:
        return Interval(mean, math.nan, math.nan)
    half = _quantile(count, confidence) * _spread(values) / math.sqrt(count)
    return Interval(mean, mean - half, mean + half)


def ratio_interval(
    numerators: Floats, denominators: Floats, confidence: float = CONFIDENCE
) -> Interval:
    """Return the ratio of two means with Fieller's interval.

    Where the mean of the denominators may be zero, the ratio may be anything, and there are no
    bounds.

    Parameters
    ----------
    numerators, denominators : array (replicates,)
        Pairs of values.
    confidence : float
        Share of intervals that cover the ratio of the true means (0-1).
    """
    count = numerators.size
    if count == 0:
        return Interval(math.nan, math.nan, math.nan)
    above, below = float(numerators.mean()), float(denominators.mean())
    ratio = above / below if below != 0.0 else math.nan
    if count == 1 or math.isnan(ratio):
        return Interval(ratio, math.nan, math.nan)
    ((v_above, covariance), (_, v_below)) = np.cov(numerators, denominators) / count
    square = _quantile(count, confidence) ** 2
    lead = below**2 - square * v_below
    if lead <= 0.0:
        return Interval(ratio, math.nan, math.nan)
    middle = above * below - square * covariance
    inside = middle**2 - lead * (above**2 - square * v_above)
    half = math.sqrt(max(inside, 0.0))
    return Interval(ratio, (middle - half) / lead, (middle + half) / lead)


class Shares(NamedTuple):
    """Shares of pairs (0-1), which add up to 1; nan if there are none."""

    more: float
    same: float
    less: float


def shares_of(base: Floats, variant: Floats) -> Shares:
    """Return in which share of pairs the variant has more, the same and less than the base.

    Values that differ by rounding alone are the same.
    """
    if base.size == 0:
        return Shares(math.nan, math.nan, math.nan)
    differences = variant - base
    is_same = np.abs(differences) <= _ROUNDING * np.maximum(np.abs(base), np.abs(variant))
    is_more = (differences > 0.0) & ~is_same
    more, same = int(is_more.sum()), int(is_same.sum())
    return Shares(*(count / base.size for count in (more, same, base.size - more - same)))


def share_unseen(count: int, confidence: float = CONFIDENCE) -> float:
    """Return the largest share of seeds that may well be of a kind that none of `count` seeds was.

    With a larger share, at least one of them would have been with the confidence that is asked for:
    1 - (1 - confidence)^(1/count), Clopper and Pearson's bound for none of `count`.
    """
    return float(1.0 - (1.0 - confidence) ** (1.0 / count))


def p_value(values: Floats) -> float:
    """Return how likely Student's t is so far from zero if the true mean is zero (0-1).

    Below 1 - confidence just where the interval of `mean_interval` excludes zero; nan where there
    are fewer than two values, or all are alike.
    """
    if values.size < 2 or _spread(values) == 0.0:
        return math.nan
    special = need("scipy.special", "experiments")
    t = float(values.mean()) / (_spread(values) / math.sqrt(values.size))
    return float(2.0 * special.stdtr(values.size - 1, -abs(t)))


def holm(p_values: Floats) -> Floats:
    """Return p-values adjusted for being of one family, by Holm; nan stays nan and does not count.

    If those of the family are rejected whose adjusted value is below a level, the chance that any
    of them is true is at most that level, however they hang together. Holm, S. (1979), "A simple
    sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6.
    """
    adjusted = np.full(p_values.shape, math.nan)
    there = np.flatnonzero(~np.isnan(p_values))
    order = there[np.argsort(p_values[there], kind="stable")]
    steps = p_values[order] * np.arange(order.size, 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return adjusted


def variance_ratio(base: Floats, variant: Floats) -> float:
    """Return how many times more runs the same interval would take without pairing.

    It is the variance of a difference between independent runs, by that between paired ones; nan
    where that is not determined: fewer than two pairs, or differences that are all alike.
    """
    if base.size < 2:
        return math.nan
    paired = _spread(variant - base) ** 2
    return (_spread(base) ** 2 + _spread(variant) ** 2) / paired if paired > 0.0 else math.nan


def variance_ratio_interval(
    base: Floats, variant: Floats, confidence: float = CONFIDENCE
) -> Interval:
    """Return the ratio of `variance_ratio` with an interval.

    By the jackknife of its logarithm over the pairs, after Miller, R. G. (1968), "Jackknifing
    variances", Annals of Mathematical Statistics 39. Of intervals of 95 %, with 8 to 50 pairs,
    about 94 % cover the true ratio of normal outcomes, and about 80 % that of very skew ones
    (lognormal with sigma 1), as the tests measure: a variance is hard to know. Bounds are nan where
    the ratio hangs on a single pair, or there are fewer than three.
    """
    ratio = variance_ratio(base, variant)
    unknown = Interval(ratio, math.nan, math.nan)
    if base.size < FEWEST_FOR_A_RATIO or not ratio > 0.0:
        return unknown
    without = np.array(
        [variance_ratio(np.delete(base, i), np.delete(variant, i)) for i in range(base.size)]
    )
    if not (without > 0.0).all():
        return unknown
    error = float(np.log(without).std()) * math.sqrt(base.size - 1)
    half = _quantile(base.size, confidence) * error
    return Interval(ratio, ratio * math.exp(-half), ratio * math.exp(half))


def replicates_needed(differences: Floats, width: float, confidence: float = CONFIDENCE) -> int:
    """Return how many pairs give an interval of a width, if they vary as those seen.

    Parameters
    ----------
    differences : array (replicates,)
        Two differences at least.
    width : float
        From bound to bound, above 0.
    confidence : float
        Share of intervals that cover the true mean (0-1).

    Returns
    -------
    int
        At least 2, at most `MOST_REPLICATES_NEEDED`.
    """
    spread = _spread(differences)

    def is_enough(count: int) -> bool:
        return 2.0 * _quantile(count, confidence) * spread / math.sqrt(count) <= width

    if is_enough(2):
        return 2
    low, high = 2, 4
    while not is_enough(high):
        low, high = high, 2 * high
        if low >= MOST_REPLICATES_NEEDED:
            return MOST_REPLICATES_NEEDED
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return high


def _spread(values: Floats) -> float:
    """Return the standard deviation; 0 where values differ by rounding alone."""
    spread = float(values.std(ddof=1))
    return spread if spread > _ROUNDING * float(np.abs(values).max()) else 0.0


def _quantile(count: int, confidence: float) -> float:
    """Return the quantile of Student's t that bounds the mean of `count` values."""
    special = need("scipy.special", "experiments")
    return float(special.stdtrit(count - 1, 0.5 + 0.5 * confidence))
