"""How far a run is from published history, as one number that single targets cannot dominate.

Of each target the run's value is off by z standard deviations. The standard deviation is that of
the target and, on top, that of luck: how far runs with the same parameters and other seeds lie
apart. A z counts as the logarithm of 1 + z²/2 (Cauchy's loss): like its square near 0, and hardly
more from 3 on. So a target that the model cannot reach does not drag the others along. Targets of
a group have one vote together, as lists of three years or of eleven prefectures say much the same;
the discrepancy is the mean of the groups.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.experiments.targets import Target

MISSING: Final = 10.0
"""Standard deviations by which a run is off that does not have the number at all."""
FAILED: Final = float("inf")
"""The discrepancy of a run that failed."""
FEWEST_FOR_LUCK: Final = 3
"""Runs of the same parameters that must have a number to tell its luck."""

Floats = NDArray[np.float64]


def loss(z: Floats) -> Floats:
    """Return how much targets count that are off by so many standard deviations."""
    counts: Floats = np.log1p(z * z / 2.0)
    return counts


@dataclass(frozen=True)
class Yardstick:
    """Holds runs against targets.

    Attributes
    ----------
    targets : tuple of Target
        The targets, in the order of columns.
    luck : array (targets,)
        Standard deviation among seeds, on each target's scale; 0 where it is not known.
    """

    targets: tuple[Target, ...]
    luck: Floats

    @property
    def sd(self) -> Floats:
        """Standard deviation of each target, luck included, on its scale, (targets,)."""
        return np.hypot(self.luck, [target.sd for target in self.targets])

    def scaled(self, values: Floats) -> Floats:
        """Return values on the targets' scales, (…, targets)."""
        logs = np.array([target.scale == "log" for target in self.targets])
        with np.errstate(invalid="ignore"):
            return np.where(logs, np.log1p(values), values)

    def z(self, values: Floats) -> Floats:
        """Return by how many standard deviations values are off, (…, targets).

        A number that a run does not have counts as off by `MISSING`.
        """
        centre = np.array([target.centre for target in self.targets])
        off = (self.scaled(values) - centre) / self.sd
        return np.where(np.isfinite(off), off, MISSING)

    def discrepancy(self, values: Floats) -> Floats:
        """Return the discrepancy of runs, (…,), from their values, (…, targets)."""
        votes: Floats = loss(self.z(values)) @ self.weights
        return votes

    @property
    def weights(self) -> Floats:
        """Weight of each target: one vote a group, votes adding up to one, (targets,)."""
        sizes: dict[str, int] = {}
        for target in self.targets:
            sizes[target.group] = sizes.get(target.group, 0) + 1
        return np.array([1.0 / (sizes[t.group] * len(sizes)) for t in self.targets])


def yardstick_of(targets: Sequence[Target], runs: Sequence[Mapping[str, float]]) -> Yardstick:
    """Return the yardstick for some targets.

    Parameters
    ----------
    targets : sequence of Target
        The targets.
    runs : sequence of mapping
        What runs with the same parameters and different seeds gave, by key; they tell the luck.
    """
    plain = Yardstick(tuple(targets), np.zeros(len(targets)))
    if not runs:
        return plain
    values = plain.scaled(np.array([[run[target.key] for target in targets] for run in runs]))
    known = np.isfinite(values)
    enough = known.sum(axis=0) >= FEWEST_FOR_LUCK
    luck = np.zeros(len(targets))
    luck[enough] = np.nanstd(np.where(known, values, np.nan)[:, enough], axis=0, ddof=1)
    return Yardstick(tuple(targets), luck)
