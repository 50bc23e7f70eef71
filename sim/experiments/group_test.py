"""Whether groups of runs differ in how long something takes: a log-rank test by permutation.

The usual log-rank test takes runs for independent. Runs of a sweep are not: those of one point
have its values in common, and those of one seed its luck. So whole blocks change places, and the
p-value is the share of arrangements in which groups differ as much as they do.

- Where every group has the same points but for its own values, as where policies are compared or on
  a whole grid, groups change places seed by seed, and all runs of a group with a seed together.
- Else whole points change places between groups, with all their runs.

Either is exact where groups are alike, whatever luck is like. With few blocks there are few
arrangements, and no p-value: the smallest one there could be would say little.

What is compared is the sum of each group's log-rank scores, that is how many of its runs have it
less how many would if groups were alike.
"""

from math import factorial
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.experiments.extras import need

PERMUTATIONS: Final = 1999
FEWEST_ARRANGEMENTS: Final = 100
"""With fewer that differ there is no p-value."""
SEEDS: Final = "seeds"
POINTS: Final = "points"
_SEED: Final = 30_211
"""Of the permutations: a number that gives the same p-value each time."""
_MOST_NUMBERS: Final = 2_000_000
_ROUNDING: Final = 1e-9

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


class Blocks(NamedTuple):
    """Which runs stay together."""

    group: Whole
    """(runs,) number of the group of each run."""
    point: Whole
    """(runs,) number of the point of each run."""
    seed: Whole
    """(runs,) number of the replicate of each run."""
    rest: Whole
    """(runs,) which points have all values alike but those that make groups."""


class GroupTest(NamedTuple):
    """What a permutation test says."""

    p_value: float | None
    """None where nothing came about, or there are too few arrangements."""
    exchanged: str
    """What changed places: ``seeds`` or ``points``; empty if there is no p-value."""


def group_test(days: Floats, came: NDArray[np.bool_], blocks: Blocks) -> GroupTest:
    """Test whether groups are alike.

    Parameters
    ----------
    days : array (runs,)
        When it came about, or until when a run was followed [days].
    came : array (runs,) of bool
        Whether it came about.
    blocks : Blocks
        Which runs stay together.
    """
    none = GroupTest(None, "")
    if not came.any():
        return none
    scores = log_rank_scores(days, came)
    groups = int(blocks.group.max()) + 1
    if _is_matched(blocks, groups):
        sums, counts = (_of_cells(blocks, groups, each) for each in (scores, np.ones(days.size)))
        if factorial(groups) ** (len(sums) - 1) >= FEWEST_ARRANGEMENTS:
            return GroupTest(_p_of_seeds(sums, counts), SEEDS)
    first, place = np.unique(blocks.point, return_index=True, return_inverse=True)[1:]
    labels = blocks.group[first]
    if _arrangements(labels) < FEWEST_ARRANGEMENTS:
        return none
    return GroupTest(
        _p_of_points(np.bincount(place, scores), np.bincount(place).astype(np.float64), labels),
        POINTS,
    )


def log_rank_scores(days: Floats, came: NDArray[np.bool_]) -> Floats:
    """Return each run's log-rank score: whether it has it, less the hazard that all runs saw.

    Added up over a group this is how many of its runs have it, less how many were expected to.

    Parameters
    ----------
    days : array (runs,)
        When it came about, or until when a run was followed [days].
    came : array (runs,) of bool
        Whether it came about.
    """
    steps, place = np.unique(days, return_inverse=True)
    events = np.bincount(place, came, steps.size)
    at_risk = np.cumsum(np.bincount(place, minlength=steps.size)[::-1])[::-1]
    hazard: Floats = np.cumsum(events / at_risk)
    scores: Floats = came - hazard[place]
    return scores


def _is_matched(blocks: Blocks, groups: int) -> bool:
    """Whether all groups have the same points, but for the values that make them groups."""
    points = np.unique(np.column_stack([blocks.rest, blocks.group, blocks.point]), axis=0)
    pairs, counts = np.unique(points[:, :2], axis=0, return_counts=True)
    return bool((counts == 1).all()) and len(pairs) == groups * np.unique(blocks.rest).size


def _of_cells(blocks: Blocks, groups: int, values: Floats) -> Floats:
    """Return sums by seed and group."""
    seeds, seed = np.unique(blocks.seed, return_inverse=True)
    sums = np.bincount(seed * groups + blocks.group, values, seeds.size * groups)
    return sums.reshape(seeds.size, groups)


def _arrangements(labels: Whole) -> int:
    """Return in how many ways points can be parted into groups of these sizes."""
    sizes = np.bincount(labels).tolist()
    ways = factorial(labels.size)
    for size in sizes:
        ways //= factorial(size)
    for size in set(sizes):
        ways //= factorial(sizes.count(size))
    return ways


def _p_of_seeds(sums: Floats, counts: Floats) -> float:
    def shuffled(number: int, seed: int) -> tuple[Floats, Floats]:
        orders = np.argsort(_uniforms((number, *sums.shape), seed), axis=2)
        found = (np.take_along_axis(each[None], orders, 2).sum(1) for each in (sums, counts))
        return next(found), next(found)

    return _p_value(_spread(sums.sum(axis=0), counts.sum(axis=0)), shuffled, sums.size)


def _p_of_points(sums: Floats, counts: Floats, labels: Whole) -> float:
    member = (labels[:, None] == np.arange(labels.max() + 1)).astype(np.float64)

    def shuffled(number: int, seed: int) -> tuple[Floats, Floats]:
        orders = np.argsort(_uniforms((number, labels.size), seed), axis=1)
        return sums[orders] @ member, counts[orders] @ member

    return _p_value(_spread(sums @ member, counts @ member), shuffled, labels.size)


def _p_value(seen: Floats, shuffled: Any, size: int) -> float:
    """Return the share of arrangements, the one that was seen among them, that differ as much."""
    at_once = max(1, min(PERMUTATIONS, _MOST_NUMBERS // size))
    as_much, done = 1, 0
    while done < PERMUTATIONS:
        number = min(at_once, PERMUTATIONS - done)
        spreads = _spread(*shuffled(number, _SEED + done))
        as_much += int((spreads >= seen * (1.0 - _ROUNDING)).sum())
        done += number
    return as_much / (PERMUTATIONS + 1)


def _spread(sums: Floats, counts: Floats) -> Floats:
    """Return how much groups differ, along the last axis."""
    found: Floats = (sums**2 / np.maximum(counts, 1.0)).sum(axis=-1)
    return found


def _uniforms(shape: tuple[int, ...], seed: int) -> Floats:
    stats = need("scipy.stats", "experiments")
    found: Floats = stats.uniform.rvs(size=shape, random_state=seed)
    return found
