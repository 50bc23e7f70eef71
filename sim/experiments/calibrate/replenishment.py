"""Approximate Bayesian computation by replenishment: drop the worst draws, move copies of others.

Every generation drops the draws that are furthest off, replaces each by a copy of one that stays,
and moves the copies by Metropolis steps that accept no run further off than the worst that stays
(Drovandi and Pettitt, 2011, "Estimation of parameters for macroparasite population evolution using
approximate Bayesian computation", Biometrics 67). At the end every draw is moved some more at the
last threshold, for after many generations all descend from a few: a parameter that nothing tells of
would seem to be known. All draws have the same weight, whatever the number of parameters;
importance weights, as of a sequence by pyABC, leave few draws with all of it where parameters are
many.

Steps are as wide as what stays, scaled from round to round so that about a seventh is accepted. All
that is by lot depends on the seed, the generation, the round and the draw alone, so neither the
number of processes nor a stop changes a result: rounds that were done are read again.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.errors import RunError
from sim.experiments.calibrate.belief import Belief
from sim.experiments.calibrate.discrepancy import FAILED, Yardstick
from sim.experiments.calibrate.luck import uniform
from sim.experiments.calibrate.population import Population, covariance_of
from sim.experiments.calibrate.priors import Prior
from sim.experiments.calibrate.runner import OutOfBudget, Runner, Tell

FIRST_SCALE: Final = 2.38
"""Width of steps over the root of the number of parameters, at first: best for a normal target."""
ACCEPTED: Final = 0.15
"""Share of steps that should be accepted; luck alone takes some of the best draws too far off."""
SMALLEST: Final = 0.5
"""Steps never shrink below this share of their first width: no draw would be moved any more."""
_FASTEST: Final = 2.0
"""Factor by which steps grow or shrink from one round to the next, at most."""
_NORMAL: Final = NormalDist()

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Replenishment:
    """How draws are replenished.

    Attributes
    ----------
    population : int
        Draws.
    first : int
        Runs from what is believed, of which the nearest are the first draws.
    generations : int
        Generations at most.
    quantile : float
        Share of the draws that stay.
    rounds : int
        Steps that each copy tries.
    mixing : int
        Steps that every draw tries at the last threshold, so that copies of one draw part.
    """

    population: int
    first: int
    generations: int
    quantile: float
    rounds: int
    mixing: int


@dataclass
class _Draws:
    """Draws in the independent standard normal numbers that `Belief` takes to parameters."""

    standard: Floats
    values: Floats
    discrepancies: Floats
    families: NDArray[np.int64]
    """Number of the first run that each descends from."""

    def at(self, places: NDArray[np.int64]) -> "_Draws":
        """Return copies of the draws at some places."""
        return _Draws(
            self.standard[places],
            self.values[places],
            self.discrepancies[places],
            self.families[places],
        )

    def sorted(self, count: int) -> "_Draws":
        """Return the nearest ones, the nearest first."""
        return self.at(np.argsort(self.discrepancies, kind="stable")[:count])


@dataclass(frozen=True)
class _Runs:
    """Runs what is drawn."""

    runner: Runner
    priors: Sequence[Prior]
    belief: Belief
    yardstick: Yardstick

    def of(self, stage: str, standard: Floats, numbers: Sequence[int]) -> _Draws:
        """Run draws under their numbers; a run that fails is infinitely far off."""
        normals = self.belief.normals(standard)
        points = (
            (number, {p.path: p.at(x) for p, x in zip(self.priors, row.tolist(), strict=True)})
            for number, row in zip(numbers, normals, strict=True)
        )
        found = {done.number: done.found for done in self.runner.do(stage, points)}
        nothing = np.full(len(self.yardstick.targets), np.nan)
        rows = [nothing if found[n] is None else np.array(found[n]) for n in numbers]
        values = np.array(rows, dtype=np.float64).reshape(len(numbers), nothing.size)
        off = self.yardstick.discrepancy(values)
        off[[found[number] is None for number in numbers]] = FAILED
        return _Draws(standard, values, off, np.array(numbers, dtype=np.int64))


def fit_by_replenishment(  # noqa: PLR0913 - what, to what, where and how
    runner: Runner,
    priors: Sequence[Prior],
    belief: Belief,
    yardstick: Yardstick,
    how: Replenishment,
    standard: Floats,
    tell: Tell,
) -> Population:
    """Fit parameters generation by generation; runs that are there are not done again.

    Parameters
    ----------
    runner : Runner
        Does the runs.
    priors : sequence of Prior
        What is fitted.
    belief : Belief
        What is believed of it before.
    yardstick : Yardstick
        Holds runs against targets.
    how : Replenishment
        How draws are replenished.
    standard : array (first, parameters)
        Independent standard normal numbers of the first runs.
    tell : callable
        Told how far it is.

    Returns
    -------
    Population
        The last generation that is complete.

    Raises
    ------
    OutOfBudget
        If not even the first draws are complete.
    RunError
        If most runs fail, or fewer do not fail than draws are wanted.
    """
    runs = _Runs(runner, priors, belief, yardstick)
    tell(0.0, f"first {len(standard)} runs")
    draws = runs.of("first", standard, range(len(standard))).sorted(how.population)
    if not np.isfinite(draws.discrepancies).all():
        raise RunError("fewer runs came to their end than draws are wanted; allowed: more runs")
    scale, complete, is_last = _first_scale(len(priors)), -1, True
    for generation in range(how.generations):
        threshold = float(draws.discrepancies[_staying(how) - 1])
        told = f"generation {generation + 1} of {how.generations}, threshold {threshold:.3f}"
        tell(generation / how.generations, told)
        try:
            draws, scale, moved = _replenished(runs, draws, how, generation, scale)
        except OutOfBudget:
            is_last = False
            break
        complete = generation
        if not moved:  # all copies are what they were: nothing nearer is found
            break
    threshold = float(draws.discrepancies[-1])
    for turn in range(how.mixing if is_last else 0):
        tell(1.0, f"mixing, round {turn + 1} of {how.mixing}, threshold {threshold:.3f}")
        factor, numbers = _factor(draws.standard), range(how.population)
        try:
            _, scale = _step(runs, draws, numbers, f"mixing-{turn}", factor, threshold, scale)
        except OutOfBudget:
            is_last = False
            break
    return Population(
        belief.normals(draws.standard),
        draws.values,
        np.full(how.population, 1.0 / how.population),
        draws.discrepancies,
        threshold,
        complete,
        is_last,
        len(np.unique(draws.families)),
    )


def _staying(how: Replenishment) -> int:
    return min(max(2, round(how.quantile * how.population)), how.population - 1)


def _replenished(
    runs: _Runs, draws: _Draws, how: Replenishment, generation: int, scale: float
) -> tuple[_Draws, float, int]:
    """Return the next generation, the scale of steps at its end, and how many copies moved."""
    staying = _staying(how)
    threshold = float(draws.discrepancies[staying - 1])
    copies = range(staying, how.population)
    origin = np.array(
        [int(staying * uniform(runs.runner.seed, f"copy {generation}", n)) for n in copies]
    )
    now = draws.at(origin)
    factor = _factor(draws.standard[:staying])
    has_moved = np.zeros(len(copies), dtype=np.bool_)
    for turn in range(how.rounds):
        stage = f"generation-{generation}-round-{turn}"
        into, scale = _step(runs, now, copies, stage, factor, threshold, scale)
        has_moved[into] = True
    together = _Draws(
        np.concatenate([draws.standard[:staying], now.standard]),
        np.concatenate([draws.values[:staying], now.values]),
        np.concatenate([draws.discrepancies[:staying], now.discrepancies]),
        np.concatenate([draws.families[:staying], now.families]),
    )
    return together.sorted(how.population), scale, int(has_moved.sum())


def _step(  # noqa: PLR0913 - what is moved, by how much and how far it may go
    runs: _Runs,
    now: _Draws,
    numbers: Sequence[int],
    stage: str,
    factor: Floats,
    threshold: float,
    scale: float,
) -> tuple[NDArray[np.int64], float]:
    """Try a Metropolis step for every draw, in place; return which moved, and the next scale."""
    seed = runs.runner.seed
    steps = scale * _normals(seed, stage, numbers, factor.shape[0]) @ factor.T
    tried = now.standard + steps
    odds = ((now.standard**2).sum(axis=1) - (tried**2).sum(axis=1)) / 2.0
    lots = np.log([uniform(seed, f"{stage} prior", number) for number in numbers])
    # What the prior rejects needs no run.
    places = np.flatnonzero(lots < odds)
    found = runs.of(stage, tried[places], np.asarray(numbers)[places].tolist())
    good = found.discrepancies <= threshold
    into = places[good]
    now.standard[into] = found.standard[good]
    now.values[into] = found.values[good]
    now.discrepancies[into] = found.discrepancies[good]
    excess = len(into) / len(numbers) / ACCEPTED - 1.0
    smallest = SMALLEST * _first_scale(factor.shape[0])
    return into, max(smallest, scale * _FASTEST ** min(max(excess, -1.0), 1.0))


def _first_scale(parameters: int) -> float:
    return FIRST_SCALE / math.sqrt(parameters)


def _factor(standard: Floats) -> Floats:
    """Return what takes independent numbers to steps that vary as draws do."""
    draws, parameters = standard.shape
    covariance = covariance_of(standard, np.full(draws, 1.0 / draws))
    factor: Floats = np.linalg.cholesky(covariance + 1e-9 * np.eye(parameters))
    return factor


def _normals(seed: int, stage: str, numbers: Sequence[int], count: int) -> Floats:
    return np.array(
        [
            [_NORMAL.inv_cdf(uniform(seed, f"{stage} step {place}", n)) for place in range(count)]
            for n in numbers
        ]
    )
