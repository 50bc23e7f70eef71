"""How much of what differs between runs is plain luck, and how much comes from the parameters.

Runs are crossed: every point is run with the same seeds. The variance of a single run is then that
of the expected outcome between points, plus that between the replicates of a point. The first is
estimated by the variance of the means of points, less what luck puts into these; this takes away
the right amount whether or not luck acts alike at all points.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FEWEST_REPLICATES: Final = 2
"""Luck cannot be told from the parameters with fewer."""
_MOST_GROUPS: Final = 40
_Z: Final = 1.959964
"""Quantile of the normal distribution for 95 %."""


class Luck(NamedTuple):
    """The variance of a single run, and where it comes from."""

    share: float
    """Share of luck in it (0-1); nan if nothing varies at all."""
    low: float
    high: float
    """Bounds of the 95 % interval of the share, by the jackknife."""
    expected_variance: float
    """Variance of the expected outcome between points."""
    mean_variance: float
    """The same of the means of replicates, which have some luck left in them."""


def luck_of(values: Floats) -> Luck:
    """Return the share of luck in the variance of a single run.

    Parameters
    ----------
    values : array (points, replicates)
        An outcome of every run, none missing; two of each at least.
    """
    share, expected, of_means = _parts(values)
    if np.isnan(share):
        return Luck(share, share, share, expected, of_means)
    spread = _jackknife(values)
    if values.shape[1] > FEWEST_REPLICATES:
        spread += _jackknife(values.T, transposed=True)
    half = _Z * float(np.sqrt(spread))
    return Luck(share, max(share - half, 0.0), min(share + half, 1.0), expected, of_means)


def _parts(values: Floats) -> tuple[float, float, float]:
    points, replicates = values.shape
    means = values.mean(axis=1)
    left = values - means[:, None] - values.mean(axis=0) + values.mean()
    interaction = float((left**2).sum()) / ((points - 1) * (replicates - 1))
    within = float(values.var(axis=1, ddof=1).mean())
    of_means = float(means.var(ddof=1))
    expected = max(of_means - interaction / replicates, 0.0)
    total = expected + within
    return (within / total if total > 0.0 else np.nan), expected, of_means


def _jackknife(values: Floats, *, transposed: bool = False) -> float:
    """Return the variance of the share when groups of rows are left out in turn."""
    if values.shape[0] <= FEWEST_REPLICATES:
        return np.inf
    if values.shape[0] <= FEWEST_REPLICATES:
        return float(np.inf)  # with one row left nothing could be told
    groups = min(values.shape[0], _MOST_GROUPS)
    number = np.arange(values.shape[0]) % groups
    shares = np.empty(groups)
    for group in range(groups):
        rest = values[number != group]
        shares[group] = _parts(rest.T if transposed else rest)[0]
    shares = shares[~np.isnan(shares)]
    if shares.size < FEWEST_REPLICATES:
        return 0.0
    return float((shares.size - 1) * shares.var())
