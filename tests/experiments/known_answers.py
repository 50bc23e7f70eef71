"""Functions whose sensitivity, boxes and luck are known, run like a scenario."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from numpy.random import default_rng  # noqa: TID251 - luck of toys, not the model's

from sim.experiments.design import Design
from sim.experiments.factors import Factor
from sim.experiments.sweep import Means, run_points
from sim.experiments.sweep_result import SweepResult
from sim.experiments.variant import FunctionExperiment

# Ishigami and Homma (1990) with a = 7 and b = 0.1.
A, B = 7.0, 0.1
PARTS = {
    "x1": 0.5 * (1.0 + B * math.pi**4 / 5.0) ** 2,
    "x2": A**2 / 8.0,
    "x3": 0.0,
    "x1 with x3": B**2 * math.pi**8 * (1.0 / 18.0 - 1.0 / 50.0),
}
VARIANCE = sum(PARTS.values())
FIRST = {"x1": PARTS["x1"] / VARIANCE, "x2": PARTS["x2"] / VARIANCE, "x3": 0.0}
TOTAL = {
    "x1": (PARTS["x1"] + PARTS["x1 with x3"]) / VARIANCE,
    "x2": PARTS["x2"] / VARIANCE,
    "x3": PARTS["x1 with x3"] / VARIANCE,
}
SHARED_LUCK, OWN_LUCK = 2.0, 3.0
"""Standard deviations of the luck that all points have alike, and of that of each run."""
LUCK_VARIANCE = SHARED_LUCK**2 + OWN_LUCK**2
LUCK_SHARE = LUCK_VARIANCE / (LUCK_VARIANCE + VARIANCE)


def unit(name: str, low: float = 0.0, high: float = 1.0) -> Factor:
    return Factor(name, "number", f"{low}:{high}", low=low, high=high)


def angles() -> list[Factor]:
    return [unit(name, -math.pi, math.pi) for name in ("x1", "x2", "x3")]


def ishigami(values: Mapping[str, Any], seed: int) -> dict[str, float]:
    x1, x2, x3 = (values[name] for name in ("x1", "x2", "x3"))
    return {"y": math.sin(x1) + A * math.sin(x2) ** 2 + B * x3**4 * math.sin(x1)}


def noisy_ishigami(values: Mapping[str, Any], seed: int) -> dict[str, float]:
    shared = SHARED_LUCK * default_rng(seed).standard_normal()
    own = OWN_LUCK * default_rng([seed, *own_words(values)]).standard_normal()
    return {"y": ishigami(values, seed)["y"] + shared + own}


def own_words(values: Mapping[str, Any]) -> list[int]:
    """Whole numbers that differ from point to point."""
    return [abs(int(float(value) * 1e9)) for value in values.values()]


def swept(
    function: Callable[[Mapping[str, Any], int], Mapping[str, float]],
    design: Design,
    replicates: int = 2,
    outcomes: Sequence[str] = ("y",),
    seed: int = 0,
) -> SweepResult:
    experiment = FunctionExperiment(function, tuple(outcomes))
    return run_points(experiment, design, replicates=replicates, seed=seed, means=Means(1))
