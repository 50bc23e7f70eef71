"""Survival curves of Kaplan and Meier, and what is read from them."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.experiments.extras import need

_Z: Final = 1.959964
"""Quantile of the normal distribution for 95 %."""

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


def kaplan_meier(days: Floats, came: NDArray[np.bool_]) -> Curve:
    """Return the Kaplan-Meier curve of some times.

    Parameters
    ----------
    days : array (runs,)
        When it came about, or until when a run was followed [days].
    came : array (runs,) of bool
        Whether it came about.
    """
    functions = need("statsmodels.duration.survfunc", "experiments")
    found = functions.SurvfuncRight(days, came.astype(np.int64))
    share = np.asarray(found.surv_prob, dtype=np.float64)
    error = np.asarray(found.surv_prob_se, dtype=np.float64)
    events = np.asarray(found.n_events, dtype=np.float64)
    low, high = share.copy(), share.copy()
    middle = (share > 0.0) & (share < 1.0)
    power = _Z * error[middle] / (share[middle] * np.log(share[middle]))
    low[middle] = share[middle] ** np.exp(-power)
    high[middle] = share[middle] ** np.exp(power)
    return Curve(
        np.asarray(found.surv_times, dtype=np.float64),
        np.asarray(found.n_risk, dtype=np.float64),
        events,
        share,
        low,
        high,
    )


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
