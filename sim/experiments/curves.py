"""Survival curves of Kaplan and Meier, what is read from them, and how sure they are.

Runs of a sweep are not independent: those of a point have its values in common, and those of a
seed its luck. The variance of a curve is therefore that of sums over whole blocks of runs, added
up over the kinds of blocks less what each run has by itself (Cameron, Gelbach and Miller 2011,
"Robust inference with multiway clustering", Journal of Business & Economic Statistics 29(2)), and
not below that of Greenwood, which it is where every run is a block. With few blocks of which much
depends, Student's quantile with degrees of freedom by Satterthwaite stands for the normal one.

Of a hundred intervals so many hold the true share on a day (tests/experiments/test_curves.py),
against those that take runs for independent:

===========================================  ========  ===========
runs of                                      by block  independent
===========================================  ========  ===========
10 points that differ much, 8 seeds                96           68
5 points that differ much, 50 seeds                94           30
20 points that differ much, 4 seeds                96           80
100 points and 2 seeds that differ somewhat        91           54
10 points that are alike, 8 seeds                  99           96
===========================================  ========  ===========

Two seeds tell little of the luck that all points share, so that intervals are wide; one seed tells
nothing of it.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.experiments.extras import need

CONFIDENCE: Final = 0.95
"""Share of intervals that cover what is true."""
_TINY: Final = 1e-300

Floats = NDArray[np.float64]


class Curve(NamedTuple):
    """A Kaplan-Meier curve."""

    days: Floats
    """(steps,) days on which it came about somewhere."""
    at_risk: Floats
    """(steps,) runs in which it had not, and that were still followed."""
    events: Floats
    """(steps,) runs in which it did."""
    share: Floats
    """(steps,) share in which it has not yet, from that day on (0-1)."""
    low: Floats
    high: Floats
    """Bounds of the 95 % interval of the share, by log(-log)."""


def kaplan_meier(
    days: Floats, came: NDArray[np.bool_], blocks: Sequence[NDArray[np.int64]] = ()
) -> Curve:
    """Return the Kaplan-Meier curve of some times.

    Parameters
    ----------
    days : array (runs,)
        When it came about, or until when a run was followed [days].
    came : array (runs,) of bool
        Whether it came about.
    blocks : sequence of array (runs,)
        Numbers of the blocks of runs that have something in common, such as their points and their
        seeds; without any, runs are independent.
    """
    functions = need("statsmodels.duration.survfunc", "experiments")
    found = functions.SurvfuncRight(days, came.astype(np.int64))
    share = np.asarray(found.surv_prob, dtype=np.float64)
    steps = np.asarray(found.surv_times, dtype=np.float64)
    at_risk = np.asarray(found.n_risk, dtype=np.float64)
    events = np.asarray(found.n_events, dtype=np.float64)
    half = _half_widths(_Steps(steps, at_risk, events), days, came, blocks)
    low, high = share.copy(), share.copy()
    middle = (share > 0.0) & (share < 1.0)
    power = half[middle] / np.log(share[middle])
    low[middle] = share[middle] ** np.exp(-power)
    high[middle] = share[middle] ** np.exp(power)
    return Curve(steps, at_risk, events, share, low, high)


def median_days(curve: Curve, bound: Floats) -> float:
    """Return the first day on which half or more have it, by a curve or a bound; nan if none."""
    below = np.flatnonzero(bound <= 0.5)
    return float(curve.days[below[0]]) if below.size else np.nan


def restricted_mean_days(curve: Curve, horizon_days: float) -> float:
    """Return the mean time without it up to a horizon [days]: the area under the curve."""
    inside = curve.days < horizon_days
    edges = np.concatenate([[0.0], curve.days[inside], [horizon_days]])
    heights = np.concatenate([[1.0], curve.share[inside]])
    return float((np.diff(edges) * heights).sum())


class _Steps(NamedTuple):
    days: Floats
    at_risk: Floats
    events: Floats


def _half_widths(
    steps: _Steps, days: Floats, came: NDArray[np.bool_], blocks: Sequence[NDArray[np.int64]]
) -> Floats:
    """Return half the width of the interval of the logarithm of the share, (steps,)."""
    stats = need("scipy.stats", "experiments")
    left = steps.at_risk - steps.events
    # Where nobody is left the share is 0, and there is no interval.
    hazard = np.where(left > 0.0, steps.events / (steps.at_risk * np.maximum(left, 1.0)), 0.0)
    single = np.cumsum(hazard)
    variance, doubtful = single.copy(), np.zeros_like(single)
    for block in blocks:
        numbers, place = np.unique(block, return_inverse=True)
        if 1 < numbers.size < days.size:
            found = _variance_of_blocks(steps, days, came, place, numbers.size)
            variance += found - single
            doubtful += found**2 / (numbers.size - 1)
    variance = np.maximum(variance, single)
    freedom = np.where(doubtful > 0.0, variance**2 / np.maximum(doubtful, _TINY), np.inf)
    quantile = stats.t.ppf(0.5 + CONFIDENCE / 2.0, np.maximum(freedom, 1.0))
    half: Floats = quantile * np.sqrt(variance)
    return half


def _variance_of_blocks(
    steps: _Steps, days: Floats, came: NDArray[np.bool_], place: NDArray[np.int64], count: int
) -> Floats:
    """Return the variance of the logarithm of the share if only whole blocks are independent.

    A run moves that logarithm by what it has, less what runs at risk were to expect. Squared and
    added up run by run this is Greenwood's variance.
    """
    left = np.maximum(steps.at_risk - steps.events, 1.0)
    is_open = steps.at_risk > steps.events
    weight = is_open / left
    expected = weight * steps.events / steps.at_risk
    found = np.zeros(steps.days.size)
    order = np.argsort(place, kind="stable")
    for rows in np.split(order, np.cumsum(np.bincount(place, minlength=count))[:-1]):
        mine = np.sort(days[rows])
        at_risk = rows.size - np.searchsorted(mine, steps.days, side="left")
        own = np.searchsorted(steps.days, days[rows[came[rows]]])
        events = np.bincount(own, minlength=steps.days.size)
        found += np.cumsum(events * weight - at_risk * expected) ** 2
    return found * count / (count - 1)
