"""How much of what differs between runs is plain luck, and how much comes from the parameters.

Runs may be crossed: every point is run with the same seeds. The variance of a single run is that
of the expected outcome between points, plus that between the replicates of a point. The first is
estimated by the variance of the means of points, less what luck puts into these; this takes away
the right amount whether or not luck acts alike at all points.
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.experiments.extras import need

Floats = NDArray[np.float64]

FEWEST_REPLICATES: Final = 2
"""Luck cannot be told from the parameters with fewer."""
CONFIDENCE: Final = 0.95
MOST_GROUPS: Final = 40
"""Rows or seeds that a jackknife leaves out in turn, at most; more are left out in groups."""


class Luck(NamedTuple):
    """The variance of a single run, and where it comes from."""

    share: float
    """Share of luck in it (0-1); nan if nothing varies at all."""
    low: float
    high: float
    """Bounds of the 95 % interval of the share, by points and by seeds."""
    expected_variance: float
    """Variance of the expected outcome between points."""
    mean_variance: float
    """The same of the means of replicates, which have some luck left in them."""


class _Parts(NamedTuple):
    """The variance of runs by where it comes from."""

    within: float
    """Between the replicates of a point."""
    expected: float
    of_means: float

    @property
    def share(self) -> float:
        total = self.expected + self.within
        return self.within / total if total > 0.0 else np.nan


def luck_of(values: Floats, is_crossed: bool = True) -> Luck:
    """Return the share of luck in the variance of a single run.

    The interval has two parts. What points there happen to be is told by the jackknife over them.
    What seeds there happen to be is told by the chi-squared distribution of the variance between
    replicates. Its degrees of freedom are one less than the seeds where luck acts alike at all
    points, and up to that times the points where each run has its own; which of these holds is
    seen from how alike seeds differ at all points. Two seeds cannot show that, so the first is
    taken to hold and hardly anything is known. With three or four seeds that all points share,
    intervals of the share hold the true one in about 85 % of cases, with eight in about 95 %.

    Where no two points share a seed, points bring their own luck along, and the jackknife over
    them tells all. With 120 points of two seeds its intervals hold the true share in 88 (lognormal
    luck) to 96 % of cases (normal).

    Parameters
    ----------
    values : array (points, replicates)
        An outcome of every run, none missing; two of each at least.
    is_crossed : bool
        Whether all points have the same seeds, in the same order.
    """
    found = _parts(values)
    if np.isnan(found.share):
        return Luck(found.share, found.share, found.share, found.expected, found.of_means)
    of_points = t_quantile(len(values)) * jackknife_error(values, lambda rest: _parts(rest).share)
    share = found.share
    low, high = _bounds_by_seeds(found, values) if is_crossed else (share, share)
    return Luck(
        share,
        max(share - float(np.hypot(share - low, of_points)), 0.0),
        min(share + float(np.hypot(high - share, of_points)), 1.0),
        found.expected,
        found.of_means,
    )


def jackknife_error(values: Floats, estimate: Callable[[Floats], Any]) -> Any:
    """Return the standard error of an estimate when rows are left out in turn.

    Parameters
    ----------
    values : array (rows, ...)
        What the estimate is made from; rows are independent of each other.
    estimate : callable
        Makes one or several numbers of some of the rows.
    """
    groups = min(len(values), MOST_GROUPS)
    number = np.arange(len(values)) % groups
    found = np.array([estimate(values[number != group]) for group in range(groups)])
    return np.sqrt((groups - 1) * found.var(axis=0))


def t_quantile(count: int) -> float:
    """Return Student's quantile for 95 % intervals of what rests on so many rows or seeds."""
    special = need("scipy.special", "experiments")
    groups = min(count, MOST_GROUPS)
    return float(special.stdtrit(groups - 1, 0.5 + 0.5 * CONFIDENCE))


def _parts(values: Floats) -> _Parts:
    points, replicates = values.shape
    means, of_seeds = values.mean(axis=1), values.mean(axis=0)
    left = values - means[:, None] - of_seeds + values.mean()
    interaction = float((left**2).sum()) / max((points - 1) * (replicates - 1), 1)
    within = float(values.var(axis=1, ddof=1).mean())
    of_means = float(means.var(ddof=1)) if points > 1 else 0.0
    expected = max(of_means - interaction / replicates, 0.0)
    return _Parts(within, expected, of_means)


def _bounds_by_seeds(found: _Parts, values: Floats) -> tuple[float, float]:
    """Return bounds of the share of luck, as other seeds might have had it."""
    if found.within <= 0.0:
        return 0.0, 0.0
    freedom = _freedom(values)
    special = need("scipy.special", "experiments")
    tail = 0.5 - 0.5 * CONFIDENCE
    # chdtri takes the probability of the upper end.
    ends = (freedom / special.chdtri(freedom, each) for each in (tail, 1.0 - tail))
    low, high = (found.within * end / (found.within * end + found.expected) for end in ends)
    return float(low), float(high)


def _freedom(values: Floats) -> float:
    """Return the degrees of freedom of the variance between replicates."""
    points, replicates = values.shape
    count = replicates - 1
    if count == 1:
        return 1.0
    contrasts = values @ need("scipy.linalg", "experiments").helmert(replicates).T
    products = contrasts.T @ contrasts
    most = (float(np.trace(products)) / count) ** 2
    # The product of two contrasts has a mean square of the trace of the squared covariance.
    squared = float((products[np.triu_indices(count, 1)] ** 2).mean())
    shared = (float((contrasts.sum(axis=0) ** 2).mean()) / points) ** 2
    return float(count * most / min(max(squared, shared, most / points), most))
