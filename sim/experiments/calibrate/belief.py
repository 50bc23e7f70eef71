"""What is believed of parameters before runs tell more: a normal distribution of normal numbers.

Of a parameter that nothing was fitted to, the normal number is standard: its value is then uniform
over its range (see `priors`). What another block has found is carried over as one normal
distribution with all its correlations, so that the second block can correct the first.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.errors import ScenarioError
from sim.experiments.calibrate.priors import Prior, parameters_of
from sim.experiments.posterior import WEIGHT, read_posterior

_LEAST_SD: Final = 0.02
"""In no direction is anything taken for surer than this, as a standard deviation of the prior."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Belief:
    """A normal distribution of the normal numbers of parameters.

    Attributes
    ----------
    mean : array (parameters,)
        Their mean.
    factor : array (parameters, parameters)
        Takes independent standard normal numbers to how they differ from the mean together.
    """

    mean: Floats
    factor: Floats

    @property
    def is_plain(self) -> bool:
        """Whether it says nothing beyond the ranges."""
        return not self.mean.any() and np.array_equal(self.factor, np.eye(len(self.mean)))

    @property
    def digest(self) -> str:
        """Hash of it."""
        return hashlib.sha256(self.mean.tobytes() + self.factor.tobytes()).hexdigest()

    def normals(self, standard: Floats) -> Floats:
        """Return normal numbers of parameters for independent standard ones, (…, parameters)."""
        found: Floats = self.mean + standard @ self.factor.T
        return found


def plain_belief(parameters: int) -> Belief:
    """Return the belief that says nothing beyond the ranges."""
    return Belief(np.zeros(parameters), np.eye(parameters))


def belief_of(priors: Sequence[Prior], path: Path | None) -> tuple[tuple[Prior, ...], Belief]:
    """Return all parameters, those of a posterior first, and what is believed of them.

    Parameters
    ----------
    priors : sequence of Prior
        What a block fits itself.
    path : Path, optional
        A posterior of another block; nothing is carried over if not given.

    Raises
    ------
    DataError
        If the file is missing or damaged.
    ScenarioError
        If it has a column that is no parameter, or two parameters would set the same key.
    """
    if path is None:
        return tuple(priors), plain_belief(len(priors))
    rows = read_posterior(path)
    carried = parameters_of([name for name in rows[0] if name != WEIGHT])
    names = {prior.path for prior in carried}
    own = [prior for prior in priors if prior.path not in names]
    everything = (*carried, *own)
    keys = [key for prior in everything for key in prior.keys]
    if len(keys) != len(set(keys)):
        twice = sorted({key for key in keys if keys.count(key) > 1})
        allowed = "a posterior and a block that set no key twice; see --only and --fix"
        raise ScenarioError(str(path), "", twice, allowed)
    weights = np.array([row[WEIGHT] for row in rows])
    weights /= weights.sum()
    normals = np.array([[prior.normal(row[prior.path]) for prior in carried] for row in rows])
    centre = weights @ normals
    off = normals - centre
    share = 1.0 - float((weights**2).sum())
    covariance = (weights[:, None] * off).T @ off / max(share, 0.5)
    variances, axes = np.linalg.eigh(covariance)
    mean, factor = np.zeros(len(everything)), np.eye(len(everything))
    mean[: len(carried)] = centre
    factor[: len(carried), : len(carried)] = axes * np.sqrt(np.maximum(variances, _LEAST_SD**2))
    return everything, Belief(mean, factor)
