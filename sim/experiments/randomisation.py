"""Randomisation inference: how often other lots would have shown as much, had nothing been done.

If a programme does nothing to anybody, incomes are what they are whoever draws a lot. Lots are
drawn again, village by village within the strata. The p-value is the share of drawings whose
estimate is as large, the real one among them.

Fisher (1935), "The Design of Experiments", chapter 2.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.errors import ScenarioError
from sim.experiments.extras import need
from sim.experiments.regressions import Labels, strata_removed

PERMUTATIONS: Final = 999
_ROUNDING: Final = 1e-9

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Lots(NamedTuple):
    """What was drawn, a place for each village."""

    assigned: Flags
    stratum: Labels


def redrawn(lots: Lots, count: int, seed: int) -> Flags:
    """Return further drawings, each with as many assigned villages in every stratum.

    Parameters
    ----------
    lots : Lots
        What was drawn.
    count : int
        How many further drawings.
    seed : int
        Seed of them; the same seed gives the same.

    Returns
    -------
    array (count, villages)
        Who is assigned in each.

    Raises
    ------
    ScenarioError
        If the number is not possible.
    """
    if count < 1:
        raise ScenarioError("permutations", "", count, "a whole number from 1 on")
    numbers = np.unique(lots.stratum, return_inverse=True)[1]
    stats = need("scipy.stats", "experiments")
    luck = stats.uniform.rvs(size=(count, numbers.size), random_state=seed)
    orders = np.argsort(numbers + luck, axis=1)
    found = np.empty((count, numbers.size), np.bool_)
    found[:, np.argsort(numbers, kind="stable")] = lots.assigned[orders]
    return found


def randomisation_p(
    outcome: Floats, village: Labels, lots: Lots, count: int = PERMUTATIONS, seed: int = 0
) -> float:
    """Return the p-value of no effect on anybody.

    Parameters
    ----------
    outcome : array (households,)
        What came out; where controls are wanted, what they leave of it.
    village : array (households,)
        Place of each household's village in `lots`.
    lots : Lots
        What was drawn.
    count : int
        How many further drawings.
    seed : int
        Seed of them.

    Returns
    -------
    float
        Two-sided; 1 if the lots of every stratum are all alike.
    """
    left = strata_removed(outcome, lots.stratum[village])
    villages = lots.assigned.size
    sums = np.bincount(village, left, minlength=villages)
    sizes = np.bincount(village, minlength=villages).astype(np.float64)
    seen = abs(_effects(lots.assigned[None], sums, sizes, lots.stratum)[0])
    others = np.abs(_effects(redrawn(lots, count, seed), sums, sizes, lots.stratum))
    as_much = 1 + int((others >= seen * (1.0 - _ROUNDING)).sum())
    return as_much / (count + 1)


def _effects(assigned: Flags, sums: Floats, sizes: Floats, stratum: Labels) -> Floats:
    """Return the coefficient of every drawing, with a constant for each stratum."""
    numbers = np.unique(stratum, return_inverse=True)[1]
    member = (numbers[:, None] == np.arange(numbers.max() + 1)).astype(np.float64)
    drawn = assigned.astype(np.float64)
    means = (drawn * sizes) @ member / np.maximum(sizes @ member, 1.0)
    left = drawn - means @ member.T
    spread = left**2 @ sizes
    return np.asarray(np.divide(left @ sums, spread, np.zeros_like(spread), where=spread > 0.0))
