"""A weighted sample of parameters with what their runs gave."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Population:
    """A weighted sample.

    Attributes
    ----------
    normals : array (draws, parameters)
        Parameters as normal numbers.
    values : array (draws, targets)
        What their runs gave.
    weights : array (draws,)
        Weights, adding up to one.
    discrepancies : array (draws,)
        How far off their runs are.
    threshold : float
        The largest discrepancy that was accepted.
    generation : int
        Which it is, from 0; -1 if none is complete or there are none.
    is_last : bool
        Whether no generation is left to be made.
    families : int, optional
        First runs that have descendants among the draws, where draws are copied.
    """

    normals: Floats
    values: Floats
    weights: Floats
    discrepancies: Floats
    threshold: float
    generation: int
    is_last: bool = True
    families: int | None = None

    @property
    def worth(self) -> float:
        """How many independent draws it is worth, at most."""
        size = size_of(self.weights)
        return size if self.families is None else min(size, float(self.families))


def size_of(weights: Floats) -> float:
    """Return how many draws of equal weight a weighted sample is worth."""
    return float(1.0 / (weights**2).sum())


def covariance_of(normals: Floats, weights: Floats) -> Floats:
    """Return the covariance of draws, with correlations shrunk: of few they are mostly noise.

    Parameters
    ----------
    normals : array (draws, parameters)
        The draws.
    weights : array (draws,)
        Their weights, adding up to one.
    """
    size = size_of(weights)
    off = normals - weights @ normals
    plain = (weights[:, None] * off).T @ off / max(1.0 - 1.0 / size, 0.5)
    shrinkage = min(1.0, normals.shape[1] / size)
    shrunk: Floats = (1 - shrinkage) * plain + shrinkage * np.diag(np.diag(plain))
    return shrunk
