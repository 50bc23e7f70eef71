"""How sure one may be of a difference that was seen in pairs of runs with the same luck.

Intervals are Student's for the mean of the differences: exact where differences are normal, and
close with twenty pairs or more where they are not. With few pairs and heavy tails they cover a
little less than they promise; tests measure it.
"""

import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.experiments.extras import need

CONFIDENCE: Final = 0.95
"""Share of intervals that cover what is true."""
METHOD: Final = "Student's t interval for the mean of the differences between paired runs"
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


def share_better(differences: Floats) -> float:
    """Return the share of differences above zero, of zeros half (0-1); nan if there are none."""
    if differences.size == 0:
        return math.nan
    return float((differences > 0.0).mean() + 0.5 * (differences == 0.0).mean())


def variance_ratio(base: Floats, variant: Floats) -> float:
    """Return how many times more runs the same interval would take without pairing.

    It is the variance of a difference between independent runs, by that between paired ones; nan
    where neither world varies, infinite where the difference alone does not.
    """
    if base.size < 2:
        return math.nan
    apart = _spread(base) ** 2 + _spread(variant) ** 2
    paired = _spread(variant - base) ** 2
    if paired > 0.0:
        return apart / paired
    return math.inf if apart > 0.0 else math.nan


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
