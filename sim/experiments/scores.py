"""How good a forecast was, once the number is known.

A forecast is an ensemble of runs, or a single number: an ensemble of one. Values that a run does
not have (nan) are left out before anything is counted; of an ensemble without values every score is
nan.
"""

import math
from collections.abc import Iterable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SHARES: Final = (0.5, 0.9)
"""Shares of the ensemble that lie within the intervals that are told."""


class Interval(NamedTuple):
    """What lies between two quantiles of an ensemble."""

    low: float
    high: float

    def covers(self, value: float) -> bool:
        """Whether a value lies in it, ends included."""
        return self.low <= value <= self.high


def known(values: Iterable[float]) -> Floats:
    """Return the values that are numbers, in ascending order."""
    found = np.array([float(value) for value in values])
    return np.sort(found[np.isfinite(found)])


def median(values: Iterable[float]) -> float:
    """Return the median; nan of nothing."""
    found = known(values)
    return float(np.median(found)) if found.size else math.nan


def interval(values: Iterable[float], share: float) -> Interval:
    """Return the central interval of an ensemble that holds a share of it (0-1).

    Its ends are the quantiles of (n + 1) places (Weibull), which hold the stated share of new draws
    on average; ends that lie beyond the ensemble are those of the ensemble.
    """
    found = known(values)
    if not found.size:
        return Interval(math.nan, math.nan)
    ends = ((1.0 - share) / 2.0, (1.0 + share) / 2.0)
    low, high = np.quantile(found, ends, method="weibull")
    return Interval(float(low), float(high))


def error_share(predicted: float, published: float) -> float:
    """Return by how much a prediction is off, as a share of what was published; above 0: too much.

    The published number is above zero; nan where it is not.
    """
    return predicted / published - 1.0 if published > 0 else math.nan


def log_error(predicted: float, published: float) -> float:
    """Return the absolute difference of logarithms; infinite for a prediction of zero."""
    if not published > 0 or math.isnan(predicted):
        return math.nan
    return abs(math.log(predicted / published)) if predicted > 0 else math.inf


def crps(values: Iterable[float], published: float) -> float:
    """Return the continuous ranked probability score of an ensemble, in the unit of its values.

    The fair estimator (Ferro 2014): the mean distance of members to what came, less half the mean
    distance between different members. It is right on average for the distribution that members
    are drawn from, whatever their number, so ensembles of different sizes can be compared; in
    single cases it may be below zero. Of a single number it is the absolute error.
    """
    found = known(values)
    if not found.size:
        return math.nan
    distance = float(np.abs(found - published).mean())
    count = found.size
    if count == 1:
        return distance
    # Of sorted members, member i is the larger of i pairs and the smaller of the others.
    weights = 2.0 * np.arange(count) - count + 1.0
    between = 2.0 * float((weights * found).sum()) / (count * (count - 1))
    return distance - between / 2.0


def interval_score(found: Interval, published: float, share: float) -> float:
    """Return the interval score (Winkler 1972): width, and a penalty for what lies outside.

    The lower, the better. `share` is what the interval is said to hold (0-1, below 1).
    """
    outside = max(found.low - published, published - found.high, 0.0)
    return found.high - found.low + 2.0 / (1.0 - share) * outside
