"""Points at which a scenario is run for sensitivity indices, chosen by SALib.

Points are chosen in the unit cube, and each key takes the values at its place there: numbers evenly
(or by equal ratios), dates day by day or step by step, choices and switches an equal part each. So
all kinds of keys are treated alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sim.errors import ScenarioError
from sim.experiments.design import MOST_POINTS, Design, design_of_factors
from sim.experiments.extras import need
from sim.experiments.factors import Factor

SOBOL: Final = "sobol"
MORRIS: Final = "morris"
GIVEN: Final = "rbd-fast"
METHODS: Final = (SOBOL, MORRIS, GIVEN)
"""Sobol indices, elementary effects of Morris, and first-order indices from any random points."""
DESIGN_NAMES: Final = {SOBOL: "saltelli", MORRIS: "morris"}
"""What the designs of the methods that need one of their own are called in manifests."""
MORRIS_LEVELS: Final = 4
DEFAULT_SAMPLES: Final = {SOBOL: 128, MORRIS: 20, GIVEN: 256}
FEWEST_SAMPLES: Final = {SOBOL: 8, MORRIS: 4, GIVEN: 64}

_SEED_LIMIT: Final = 2**31


@dataclass(frozen=True)
class Blocks:
    """How a design of SALib is laid out: blocks of points that only make sense together."""

    count: int
    size: int
    """Points of a block."""


def sensitivity_design(
    method: str, factors: Sequence[Factor], samples: int | None, seed: int
) -> Design:
    """Choose the points for an analysis.

    Parameters
    ----------
    method : str
        ``sobol``, ``morris`` or ``rbd-fast``.
    factors : sequence of Factor
        What is varied.
    samples : int, optional
        Base samples of Sobol, a power of two; trajectories of Morris; points of RBD-FAST.
    seed : int
        Seed of the design.

    Raises
    ------
    ScenarioError
        If the factors, the samples or the seed are not possible.
    RunError
        If SALib is not installed.
    """
    samples = DEFAULT_SAMPLES[method] if samples is None else samples
    _check(method, factors, samples, seed)
    if method == GIVEN:
        qmc = need("scipy.stats.qmc", "experiments")
        places = qmc.LatinHypercube(len(factors), rng=seed).random(samples)
    else:
        places = _chosen(method, len(factors), samples, seed)
    columns = {factor.key: factor.values_at(places[:, i]) for i, factor in enumerate(factors)}
    name = DESIGN_NAMES.get(method, "lhs")
    return design_of_factors(name, factors, columns, {"samples": samples, "design_seed": seed})


def blocks_of(method: str, points: int, keys: int) -> Blocks | None:
    """Return how a design is laid out, None if it is none of that method.

    Parameters
    ----------
    method : str
        ``sobol`` or ``morris``.
    points, keys : int
        Points of the design, and keys that are varied.
    """
    size = keys + 2 if method == SOBOL else keys + 1
    return Blocks(points // size, size) if points % size == 0 else None


def _chosen(method: str, keys: int, samples: int, seed: int) -> Any:
    problem = problem_of([f"x{number}" for number in range(keys)])
    if method == SOBOL:
        sampler = need("SALib.sample.sobol", "experiments")
        return sampler.sample(problem, samples, calc_second_order=False, seed=seed)
    sampler = need("SALib.sample.morris", "experiments")
    return sampler.sample(problem, samples, num_levels=MORRIS_LEVELS, seed=seed)


def problem_of(names: Sequence[str]) -> dict[str, Any]:
    """Return what SALib calls a problem: inputs between 0 and 1."""
    return {
        "num_vars": len(names),
        "names": list(names),
        "bounds": [[0.0, 1.0]] * len(names),
        "groups": None,
    }


def _check(method: str, factors: Sequence[Factor], samples: int, seed: int) -> None:
    if not factors:
        raise ScenarioError("vary", allowed="at least one key to vary")
    for factor in factors:
        if factor.levels is not None and len(factor.levels) < 2:
            allowed = "at least two values, or nothing can depend on it"
            raise ScenarioError("vary", factor.key, factor.spec, allowed)
    fewest = FEWEST_SAMPLES[method]
    if not fewest <= samples <= MOST_POINTS:
        allowed = f"a whole number from {fewest} to {MOST_POINTS:,} for {method}"
        raise ScenarioError("samples", "", samples, allowed)
    if method == SOBOL and samples & (samples - 1):
        near = 2 ** (samples.bit_length() - 1)
        allowed = f"a power of two for {method}, such as {near} or {2 * near}"
        raise ScenarioError("samples", "", samples, allowed)
    if not 0 <= seed < _SEED_LIMIT:
        raise ScenarioError("design seed", "", seed, "a whole number from 0 to 2**31 - 1")
