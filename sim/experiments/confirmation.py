"""Fresh runs that put a box to the test, in pairs with the same luck.

Each pair has a seed that no run before had. One of its runs lies at random in the whole range of
all keys, but outside the box; the other has the same values, except that the keys that the box
restricts are moved inside it. So what the box is worth is not measured by the runs that it was
made from, and luck is the same on both sides.

Where several boxes are put to the test, each is tested at 0.05 over their number (Bonferroni), so
that all intervals hold together in 95 % of cases.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.errors import RunError, ScenarioError
from sim.experiments.boxes import Box, Condition, inputs_of, inside
from sim.experiments.design import Design, design_of_factors
from sim.experiments.executors import Experiment
from sim.experiments.extras import need
from sim.experiments.factors import Factor
from sim.experiments.intervals import CONFIDENCE, Interval, mean_interval
from sim.experiments.question import Question
from sim.experiments.sweep import Means, run_points
from sim.experiments.sweep_result import SweepResult
from sim.scenario.changes import Value

PAIR: Final = "pair"
"""The key that gives each pair its own seed."""
FEWEST_PAIRS: Final = 10
MOST_PAIRS: Final = 1_000_000
_MOST_DRAWS: Final = 50

Floats = NDArray[np.float64]


class Confirmation(NamedTuple):
    """What fresh runs say of a box."""

    pairs: int
    inside: Interval
    """Share of yes inside (0-1), with Wilson's interval."""
    outside: Interval
    """The same outside."""
    difference: Interval
    """Inside less outside, pair by pair."""
    is_confirmed: bool
    """Whether inside is surely better than outside, and not surely worse than the box promised."""


@dataclass(frozen=True)
class PairedExperiment:
    """Runs an experiment with a seed of its own for each pair of points.

    Attributes
    ----------
    experiment : Experiment
        What is run.
    """

    experiment: Experiment

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Names of the numbers that a run gives."""
        return self.experiment.outcomes

    def about(self) -> Mapping[str, Any]:
        """Return what is run, for the manifest."""
        return {**self.experiment.about(), "pairs": "the seed of a run is seed + pair"}

    def __call__(self, values: Mapping[str, Value], seed: int) -> Mapping[str, float]:
        """Run a point with the seed of its pair."""
        rest = {key: value for key, value in values.items() if key != PAIR}
        return self.experiment(rest, seed + int(values[PAIR]))  # type: ignore[arg-type]


def check_pairs(pairs: int) -> None:
    """Refuse a number of pairs that is not possible.

    Raises
    ------
    ScenarioError
        If it is too small or too large.
    """
    if pairs and not FEWEST_PAIRS <= pairs <= MOST_PAIRS:
        allowed = f"0 for none, or a whole number from {FEWEST_PAIRS} to {MOST_PAIRS:,}"
        raise ScenarioError("confirm", "", pairs, allowed)


def confirmed(  # noqa: PLR0913 - what is tried, on what, how often, and by what means
    box: Box,
    question: Question,
    experiment: Experiment,
    factors: Sequence[Factor],
    pairs: int,
    seed: int,
    means: Means | None = None,
    tests: int = 1,
) -> tuple[Confirmation, SweepResult]:
    """Put a box to the test with fresh runs.

    Parameters
    ----------
    box : Box
        The box.
    question : Question
        What it answers.
    experiment : Experiment
        What is run.
    factors : sequence of Factor
        What is varied.
    pairs : int
        Pairs of runs.
    seed : int
        Seed of the first pair; the next one has the next.
    means : Means, optional
        By what means.
    tests : int
        Boxes that are put to the test together, this one among them.

    Raises
    ------
    RunError
        If the box leaves hardly anything outside, or runs fail.
    """
    design = paired_design(box, factors, pairs, seed)
    sweep = run_points(PairedExperiment(experiment), design, seed=seed, means=means)
    answers = question.answers(sweep).reshape(pairs, 2)
    whole = answers[~np.isnan(answers).any(axis=1)]
    if len(whole) < FEWEST_PAIRS:
        raise RunError(
            f"confirmation: only {len(whole)} of {pairs} pairs of runs have an answer; allowed: "
            f"{FEWEST_PAIRS} or more"
        )
    confidence = confidence_of(tests)
    there, without = (wilson(whole[:, side], confidence) for side in (1, 0))
    difference = mean_interval(whole[:, 1] - whole[:, 0], confidence)
    holds = difference.low > 0.0 and there.high >= box.density
    return Confirmation(len(whole), there, without, difference, holds), sweep


def paired_design(box: Box, factors: Sequence[Factor], pairs: int, seed: int) -> Design:
    """Choose points outside a box, each with its twin inside.

    Parameters
    ----------
    box : Box
        The box.
    factors : sequence of Factor
        What is varied.
    pairs : int
        Pairs of points.
    seed : int
        Seed of the design.

    Raises
    ------
    RunError
        If hardly any point lies outside.
    """
    places = _outside(box, factors, pairs, seed)
    # Places outside are no places for the inside: of a key that the box restricts they are few.
    qmc = need("scipy.stats.qmc", "experiments")
    fresh = qmc.LatinHypercube(len(factors), rng=seed + 1).random(pairs)
    narrowed = {each.key: each for each in box.conditions}
    columns: dict[str, list[Value]] = {}
    for number, factor in enumerate(factors):
        without = factor.values_at(places[:, number])
        within = without
        if factor.key in narrowed:
            within = _narrowed(factor, narrowed[factor.key]).values_at(fresh[:, number])
        columns[factor.key] = _alternating(without, within)
    counter = Factor(PAIR, "whole", f"0:{pairs - 1}", range(pairs))
    columns[PAIR] = _alternating([*range(pairs)], [*range(pairs)])
    about = {"box": box.rule, "design_seed": seed}
    return design_of_factors("pairs", [*factors, counter], columns, about)


def confidence_of(tests: int) -> float:
    """Return the confidence of each of some intervals that shall all hold in 95 % of cases."""
    return 1.0 - (1.0 - CONFIDENCE) / tests


def wilson(answers: Floats, confidence: float = CONFIDENCE) -> Interval:
    """Return the share of ones among ones and zeros, with Wilson's interval."""
    z = float(need("scipy.special", "experiments").ndtri(0.5 + 0.5 * confidence))
    count, share = answers.size, float(answers.mean())
    weight = 1.0 + z**2 / count
    middle = (share + z**2 / (2.0 * count)) / weight
    half = z / weight * np.sqrt(share * (1.0 - share) / count + z**2 / (4.0 * count**2))
    return Interval(share, max(float(middle - half), 0.0), min(float(middle + half), 1.0))


def _outside(box: Box, factors: Sequence[Factor], pairs: int, seed: int) -> Floats:
    """Return places in the unit cube that lie outside a box."""
    qmc = need("scipy.stats.qmc", "experiments")
    sampler = qmc.LatinHypercube(len(factors), rng=seed)
    found: list[Floats] = []
    there = 0
    for _ in range(_MOST_DRAWS):
        places = sampler.random(pairs)
        found.append(places[~_inside(box, factors, places)])
        there += len(found[-1])
        if there >= pairs:
            return np.concatenate(found)[:pairs]
    raise RunError(f"confirmation: {box.rule} leaves hardly anything outside, so nothing to test")


def _inside(box: Box, factors: Sequence[Factor], places: Floats) -> NDArray[np.bool_]:
    import polars as pl

    kinds = {factor.key: factor.kind for factor in factors}
    columns = {factor.key: factor.values_at(places[:, i]) for i, factor in enumerate(factors)}
    as_text = {key: [_text(value) for value in columns[key]] for key in kinds}
    table = pl.DataFrame(
        {key: as_text[key] if kinds[key] == "choice" else columns[key] for key in kinds}
    )
    # Codes of choices are places in a list of names, which may be others here than in the box.
    conditions = []
    inputs = inputs_of(table, kinds)
    names = {each.key: each.names for each in inputs}
    for each in box.conditions:
        known = names[each.key]
        codes = tuple(float(known.index(name)) for name in each.names if name in known)
        conditions.append(each._replace(codes=codes) if each.names else each)
    return inside(conditions, inputs)


def _narrowed(factor: Factor, condition: Condition) -> Factor:
    """Return a factor that keeps to a condition."""
    if factor.levels is None:
        return replace(
            factor, low=max(factor.low, condition.low), high=min(factor.high, condition.high)
        )
    kept = [level for level in factor.levels if _fits(level, condition)]
    return replace(factor, levels=tuple(kept))


def _fits(level: Value, condition: Condition) -> bool:
    if condition.names:
        return _text(level) in condition.names
    number = level.toordinal() - 719_163 if hasattr(level, "toordinal") else level
    return bool(condition.low <= number <= condition.high)  # type: ignore[operator]


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list):
        import json

        return json.dumps(value, ensure_ascii=False)
    return str(value)


def _alternating(first: Sequence[Any], second: Sequence[Any]) -> list[Any]:
    return [value for both in zip(first, second, strict=True) for value in both]
