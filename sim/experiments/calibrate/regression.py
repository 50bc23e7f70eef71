"""Rejection with regression adjustment: a posterior from a table of runs, without new ones.

The runs that are least far off are kept, the nearer the heavier; then each parameter is regressed
on how far off the targets were, and moved to where it would have been had nothing been off
(Beaumont, Zhang and Balding, 2002, "Approximate Bayesian computation in population genetics",
Genetics 162). Targets are many and kept runs few, so the regression is a ridge, whose penalty is
chosen by generalised cross-validation. A target that no run came near is left out of it, for a line
would be drawn far beyond what was seen. Parameters are normal numbers here, so that nothing is
moved out of its range.
"""

from collections.abc import Sequence
from dataclasses import replace
from statistics import NormalDist
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.experiments.calibrate.discrepancy import MISSING, Yardstick, loss
from sim.experiments.calibrate.luck import uniform
from sim.experiments.calibrate.population import Population

SHARE_KEPT: Final = 0.2
"""Share of the runs of a table that are kept."""
FEWEST_KEPT: Final = 30
FEWEST_PER_TARGET: Final = 3
"""Different draws of a generation for each target, below which nothing is regressed."""
FURTHEST: Final = 3.0
"""A target so many standard deviations of the runs away is not regressed on: none came near it."""
_LEAST_SPREAD: Final = 1e-9
_PENALTIES: Final = tuple(10.0 ** (step / 2.0) for step in range(-4, 9))
_NORMAL: Final = NormalDist()

Floats = NDArray[np.float64]


class Table(NamedTuple):
    """Runs from the prior."""

    normals: Floats
    """Parameters as normal numbers, (runs, parameters)."""
    values: Floats
    """What they gave for each target, (runs, targets)."""


def off_by(values: Floats, yardstick: Yardstick, seed: int, stage: str) -> Floats:
    """Return by how much runs are off, with what is uncertain about the targets added by lot.

    Without it, the regression would take published numbers for exact.

    Parameters
    ----------
    values : array (runs, targets)
        What runs gave.
    yardstick : Yardstick
        Holds them against targets.
    seed : int
        Seed of the lots.
    stage : str
        What they are for.
    """
    sds = np.array([target.sd for target in yardstick.targets]) / yardstick.sd
    lots = np.array(
        [
            [
                _NORMAL.inv_cdf(uniform(seed, f"{stage} {target.key}", run))
                for run in range(len(values))
            ]
            for target in yardstick.targets
        ]
    ).T
    return yardstick.z(values) + lots.reshape(values.shape) * sds


def posterior_of_table(
    normals: Floats,
    off: Floats,
    observed: Floats,
    weights: Floats,
    share_kept: float = SHARE_KEPT,
) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Return which runs are kept, their weights, and their adjusted parameters.

    Parameters
    ----------
    normals : array (runs, parameters)
        Parameters as normal numbers.
    off : array (runs, targets)
        By how many standard deviations each is off.
    observed : array (targets,)
        The same of what was observed: 0 for published numbers.
    weights : array (targets,)
        Weight of each target in the discrepancy.
    share_kept : float
        Share of the runs that are kept.
    """
    counts = loss(np.clip(off - observed, -MISSING, MISSING)) @ weights
    count = min(len(counts), max(FEWEST_KEPT, round(share_kept * len(counts))))
    kept = np.argsort(counts, kind="stable")[:count]
    radius = max(float(counts[kept[-1]]), 1e-12) * (1.0 + 1e-9)
    own = 1.0 - (counts[kept] / radius) ** 2
    own = own / own.sum() if own.sum() > 0 else np.full(count, 1.0 / count)
    return kept, own, adjusted(normals[kept], off[kept], observed, own)


def adjusted(normals: Floats, off: Floats, observed: Floats, weights: Floats) -> Floats:
    """Return parameters moved to where they would have been with what was observed.

    Parameters
    ----------
    normals : array (runs, parameters)
        Parameters as normal numbers.
    off : array (runs, targets)
        By how many standard deviations each is off.
    observed : array (targets,)
        The same of what was observed.
    weights : array (runs,)
        Weights, adding up to one.
    """
    clipped = np.clip(off, -MISSING, MISSING)
    mean = weights @ clipped
    spread = np.sqrt(weights @ (clipped - mean) ** 2)
    away = np.clip(observed, -MISSING, MISSING) - mean
    telling = (spread > _LEAST_SPREAD) & (np.abs(away) <= FURTHEST * spread)
    if not telling.any():
        return normals.copy()
    features = (clipped - mean)[:, telling] / spread[telling]
    goal = away[telling] / spread[telling]
    root = np.sqrt(weights * len(weights))[:, None]
    left, sizes, right = np.linalg.svd(features * root, full_matrices=False)
    centred = normals - weights @ normals
    moved = np.empty_like(normals)
    for place in range(normals.shape[1]):
        answer = left.T @ (centred[:, place] * root[:, 0])
        total = float(((centred[:, place] * root[:, 0]) ** 2).sum())
        penalty = _best_penalty(sizes, answer, total, len(weights))
        slope = right.T @ (sizes / (sizes**2 + penalty) * answer)
        moved[:, place] = normals[:, place] - (features - goal) @ slope
    return moved


def _best_penalty(sizes: Floats, answer: Floats, total: float, runs: int) -> float:
    """Return the penalty with the least generalised cross-validation error."""

    def error(penalty: float) -> float:
        shares = sizes**2 / (sizes**2 + penalty)
        left_over = total - float((answer**2).sum()) + float((((1 - shares) * answer) ** 2).sum())
        return float(left_over / (1.0 - (1.0 + float(shares.sum())) / runs) ** 2)

    possible = [p * runs for p in _PENALTIES if (sizes**2 / (sizes**2 + p * runs)).sum() < runs - 2]
    best: float = min(possible or [_PENALTIES[-1] * runs], key=error)
    return best


def fit_from_table(
    table: Table, yardstick: Yardstick, seed: int, share_kept: float = SHARE_KEPT
) -> Population:
    """Return the posterior that a table of runs gives.

    Parameters
    ----------
    table : Table
        The runs.
    yardstick : Yardstick
        Holds runs against targets.
    seed : int
        Seed of the lots.
    share_kept : float
        Share of the runs that are kept.
    """
    off = off_by(table.values, yardstick, seed, "table")
    observed = np.zeros(off.shape[1])
    kept, weights, moved = posterior_of_table(
        table.normals, off, observed, yardstick.weights, share_kept
    )
    discrepancies = yardstick.discrepancy(table.values[kept])
    return Population(
        moved, table.values[kept], weights, discrepancies, float(discrepancies.max()), -1
    )


def adjusted_population(found: Population, yardstick: Yardstick, seed: int) -> Population:
    """Return the last generation with its parameters adjusted, or as it is if it is too small.

    Copies of one draw tell nothing of how parameters and targets go together, and with few
    different draws a regression on many targets would fit them all, and leave one point.
    """
    different = len(np.unique(found.normals, axis=0))
    if different < FEWEST_PER_TARGET * len(yardstick.targets):
        return found
    off = off_by(found.values, yardstick, seed, "sequence")
    moved = adjusted(found.normals, off, np.zeros(off.shape[1]), found.weights)
    return replace(found, normals=moved)


def table_of(normals: Sequence[Sequence[float]], values: Sequence[Sequence[float]]) -> Table:
    """Return a table of runs."""
    return Table(np.array(normals, dtype=np.float64), np.array(values, dtype=np.float64))
