"""Recovery: data that were simulated with known parameters are fitted back.

Every known set is fitted from the same table of runs. Of a parameter that the data identify, the
intervals must hold the truth as often as they say.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.experiments.calibrate.discrepancy import Yardstick
from sim.experiments.calibrate.population import size_of
from sim.experiments.calibrate.priors import Prior
from sim.experiments.calibrate.regression import Table, off_by, posterior_of_table
from sim.experiments.calibrate.tables import (
    contraction_of,
    quantile,
    values_of,
    verdict_of,
)

Floats = NDArray[np.float64]
_INTERVALS = {50: (0.25, 0.75), 90: (0.05, 0.95)}


def recovery_rows(
    priors: Sequence[Prior], yardstick: Yardstick, table: Table, known: Table, seed: int
) -> list[dict[str, Any]]:
    """Fit every known set from a table of other runs; tell for each parameter how it went.

    Parameters
    ----------
    priors : sequence of Prior
        The parameters.
    yardstick : Yardstick
        Tells how far off runs are from published numbers; here from those of the known set.
    table : Table
        Runs from the prior, to fit from.
    known : Table
        Runs with known parameters, to fit back.
    seed : int
        Seed of the lots.

    Returns
    -------
    list of dict
        ``parameter``, ``sets``, ``contraction`` (mean), ``correlation`` of medians and truth,
        ``coverage_50``, ``coverage_90``, ``verdict``.
    """
    off = off_by(table.values, yardstick, seed, "table")
    observed = off_by(known.values, yardstick, seed, "known")
    truths = values_of(priors, known.normals)
    medians = np.empty_like(truths)
    contractions = np.empty_like(truths)
    sizes = np.empty(len(truths))
    held = {level: np.zeros_like(truths, dtype=bool) for level in _INTERVALS}
    for number, goal in enumerate(observed):
        _, weights, moved = posterior_of_table(table.normals, off, goal, yardstick.weights)
        values = values_of(priors, moved)
        sizes[number] = size_of(weights)
        for place, prior in enumerate(priors):
            own = values[:, place]
            medians[number, place] = quantile(own, weights, 0.5)
            contractions[number, place] = contraction_of(prior, own, weights)
            for level, ends in _INTERVALS.items():
                low, high = (quantile(own, weights, share) for share in ends)
                held[level][number, place] = low <= truths[number, place] <= high
    return [
        {
            "parameter": prior.path,
            "sets": len(truths),
            "contraction": float(contractions[:, place].mean()),
            "correlation": _correlation(truths[:, place], medians[:, place]),
            **{f"coverage_{level}": float(held[level][:, place].mean()) for level in _INTERVALS},
            "verdict": verdict_of(float(contractions[:, place].mean()), float(sizes.mean())),
        }
        for place, prior in enumerate(priors)
    ]


def _correlation(ours: Floats, theirs: Floats) -> float | None:
    if len(ours) < 3 or np.ptp(ours) == 0 or np.ptp(theirs) == 0:
        return None
    return float(np.corrcoef(ours, theirs)[0, 1])
