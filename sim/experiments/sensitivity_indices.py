"""Sensitivity indices of one outcome, by SALib, cleared of the luck that replicates still have.

SALib analyses the means of replicates. Luck that is left in a mean adds to its variance and to the
total index of every key. How much it adds is known from the replicates, pair of points by pair of
points, and is taken away; so the indices are those of the expected outcome, with two replicates or
with a hundred. No assumption is made about how luck acts at neighbouring points.

Intervals have two parts. What points there happen to be is told by SALib's bootstrap. What seeds
there happen to be is told by the jackknife over them, with Student's quantile for their number:
with two seeds it is 12.7, so that intervals are wide unless luck hardly matters. Without a second
replicate there is no interval, and no analysis.

What a row holds
----------------
``share`` is what a key explains of the variance of a single run, ``total_share`` the same together
with all interactions it takes part in; the rows ``interactions`` and ``luck`` are what is left. The
indices ``first_order`` and ``total`` are shares of the variance of the expected outcome.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.experiments.extras import need
from sim.experiments.luck import Luck, jackknife_error, luck_of, t_quantile
from sim.experiments.sensitivity_designs import MORRIS_LEVELS, Blocks, problem_of

LUCK: Final = "luck"
INTERACTIONS: Final = "interactions"
CONFIDENCE: Final = 0.95
HARMONICS: Final = 10
"""Harmonics that RBD-FAST adds up."""

_Z: Final = 1.959964
_RESAMPLES: Final = 400
_FEWEST_RESAMPLES: Final = 2
"""Where SALib's intervals are not looked at."""
_LEAST_LEFT: Final = 0.1
_SEED: Final = 20_151
"""Of SALib's bootstrap: a number that gives the same intervals each time."""

Floats = NDArray[np.float64]
Row = dict[str, Any]


class Found(NamedTuple):
    """The indices of an outcome."""

    rows: list[Row]
    luck: Luck
    used: int
    """Points, or blocks of points, without a gap, which the indices rest on."""


def sobol_rows(keys: Sequence[str], values: Floats, blocks: Blocks) -> Found:
    """Return first-order and total indices from a Saltelli design.

    Parameters
    ----------
    keys : sequence of str
        What is varied.
    values : array (points, replicates)
        The outcome; blocks with a nan are left out.
    blocks : Blocks
        The layout of the points.
    """
    cube = _whole(values.reshape(blocks.count, blocks.size, -1))
    replicates = cube.shape[2]
    base, resampled, crossed = cube[:, 0], cube[:, -1], cube[:, 1:-1]
    luck = luck_of(np.concatenate([base, resampled]))
    means = cube.mean(axis=2)
    if not _depends(luck, means):
        return Found(_flat_rows(keys, luck, ("first_order", "total")), luck, len(cube))
    step = crossed - base[:, None]
    shared = _covariance(np.broadcast_to(resampled[:, None], step.shape), step)
    noise = 0.5 * step.var(axis=2, ddof=1)
    found = _by_sobol(keys, means, _RESAMPLES)
    variance = float(means[:, [0, -1]].var())
    # SALib takes the variance of means for that of the expected outcome.
    scale = variance / luck.expected_variance
    first, first_half = _cleared(found, "S1", shared / replicates / variance, scale)
    total, total_half = _cleared(found, "ST", noise / replicates / variance, scale)

    def indices(some: Floats) -> Floats:
        of_some, count = some.mean(axis=2), some.shape[2]
        again = _by_sobol(keys, of_some, _FEWEST_RESAMPLES)
        bare = float(of_some[:, [0, -1]].var())
        first = np.asarray(again["S1"]) * bare - shared.mean(axis=0) / count
        total = np.asarray(again["ST"]) * bare - noise.mean(axis=0) / count
        expected = _expected_variance(luck, of_some[:, [0, -1]].ravel(), replicates, count)
        both: Floats = np.concatenate([first, total]) / expected
        return both

    by_seeds = _half_by_seeds(cube, indices)
    rows = _rows(keys, luck, first, np.hypot(first_half, by_seeds[: len(keys)]))
    halves = np.hypot(total_half, by_seeds[len(keys) :])
    for row, index, width in zip(rows, total, halves, strict=False):
        row.update(_interval("total", index, width))
        row["total_share"] = float(index) * (1.0 - luck.share)
    return Found(rows, luck, len(cube))


def given_rows(keys: Sequence[str], codes: Floats, values: Floats) -> Found:
    """Return first-order indices from any points that were chosen at random, or a grid.

    Parameters
    ----------
    keys : sequence of str
        What is varied.
    codes : array (points, keys)
        The values as numbers.
    values : array (points, replicates)
        The outcome; points with a nan are left out.
    """
    is_whole = ~np.isnan(values).any(axis=1)
    values, codes = values[is_whole], codes[is_whole]
    luck = luck_of(values)
    means = values.mean(axis=1)
    if not _depends(luck, means):
        return Found(_flat_rows(keys, luck, ("first_order",)), luck, len(values))
    qmc = need("scipy.stats.qmc", "experiments")
    # Points of a grid are in an order in which other keys would pass for the one that is looked at.
    order = np.argsort(qmc.LatinHypercube(1, rng=_SEED).random(len(values))[:, 0])
    codes, values = codes[order], values[order]
    found = _by_rbd_fast(keys, codes, values.mean(axis=1), _RESAMPLES)
    scale = luck.mean_variance / luck.expected_variance
    replicates = values.shape[1]

    def indices(some: Floats) -> Floats:
        of_some = some.mean(axis=1)
        again = _by_rbd_fast(keys, codes, of_some, _FEWEST_RESAMPLES)
        expected = _expected_variance(luck, of_some, replicates, some.shape[1])
        return np.asarray(again["S1"], dtype=float) * float(of_some.var(ddof=1)) / expected

    half = np.asarray(found["S1_conf"], dtype=float) * scale
    first = np.asarray(found["S1"], dtype=float) * scale
    rows = _rows(keys, luck, first, np.hypot(half, _half_by_seeds(values, indices)))
    return Found(rows, luck, len(values))


def morris_rows(
    keys: Sequence[str], codes: Floats, values: Floats, blocks: Blocks, named: Sequence[str] = ()
) -> Found:
    """Return the elementary effects of Morris.

    An effect is that of going all the way from one end of a key's range to the other, as steps of
    two thirds of it tell; of a key without order, that of taking another value. ``luck_alone`` is
    the mean absolute effect that luck alone would give a key without any effect; only what is
    clearly above it says something.

    Parameters
    ----------
    keys : sequence of str
        What is varied.
    codes : array (points, keys)
        The values as numbers.
    values : array (points, replicates)
        The outcome; trajectories with a nan are left out.
    blocks : Blocks
        The layout of the points.
    named : sequence of str
        Keys whose values have no order: choices and switches.
    """
    is_whole = ~np.isnan(values.reshape(blocks.count, -1)).any(axis=1)
    cube = values.reshape(blocks.count, blocks.size, -1)[is_whole]
    up = np.sign(np.diff(codes.reshape(blocks.count, blocks.size, -1)[is_whole], axis=1))
    flat = cube.reshape(-1, cube.shape[2])
    luck = luck_of(flat)
    delta = MORRIS_LEVELS / (2.0 * (MORRIS_LEVELS - 1.0))
    places = np.concatenate([np.zeros_like(up[:, :1]), np.cumsum(up * delta, axis=1)], axis=1)
    places = places.reshape(-1, len(keys))
    found = _by_morris(keys, places, flat.mean(axis=1), _RESAMPLES)
    by_seeds = _half_by_seeds(
        flat,
        lambda some: np.asarray(
            _by_morris(keys, places, some.mean(axis=1), _FEWEST_RESAMPLES)["mu_star"], dtype=float
        ),
    )
    spread = np.diff(cube, axis=1).var(axis=2, ddof=1) / cube.shape[2] / delta**2
    rows = []
    for place, key in enumerate(keys):
        noise = float(spread[up[:, :, place] != 0].mean())
        # SALib takes every change for a step of two thirds of the range.
        scale = delta if key in named else 1.0
        mu, sigma, star, half = (
            float(found[name][place]) * scale for name in ("mu", "sigma", "mu_star", "mu_star_conf")
        )
        half = float(np.hypot(half, by_seeds[place] * scale))
        row: Row = {"parameter": key} | _interval("mu_star", star, half)
        row |= {"mu": mu, "sigma": sigma, "luck_alone": scale * float(np.sqrt(noise * 2 / np.pi))}
        rows.append(row)
    rows.append({"parameter": LUCK} | _share_of_luck(luck))
    return Found(rows, luck, len(cube))


def _by_sobol(keys: Sequence[str], means: Floats, resamples: int) -> Any:
    return need("SALib.analyze.sobol", "experiments").analyze(
        problem_of(keys),
        means.ravel(),
        calc_second_order=False,
        num_resamples=resamples,
        conf_level=CONFIDENCE,
        seed=_SEED,
    )


def _by_rbd_fast(keys: Sequence[str], codes: Floats, means: Floats, resamples: int) -> Any:
    return need("SALib.analyze.rbd_fast", "experiments").analyze(
        problem_of(keys),
        codes,
        means,
        M=HARMONICS,
        num_resamples=resamples,
        conf_level=CONFIDENCE,
        seed=_SEED,
    )


def _by_morris(keys: Sequence[str], places: Floats, means: Floats, resamples: int) -> Any:
    return need("SALib.analyze.morris", "experiments").analyze(
        problem_of(keys),
        places,
        means,
        num_resamples=resamples,
        conf_level=CONFIDENCE,
        num_levels=MORRIS_LEVELS,
        seed=_SEED,
    )


def _half_by_seeds(values: Floats, indices: Callable[[Floats], Floats]) -> Floats:
    """Return half of the width of intervals of indices, by what seeds there happen to be.

    Seeds are along the last axis of the values.
    """
    by_seed = np.moveaxis(values, -1, 0)
    error = jackknife_error(by_seed, lambda some: indices(np.moveaxis(some, 0, -1)))
    half: Floats = t_quantile(len(by_seed)) * error
    return half


def _expected_variance(luck: Luck, means: Floats, replicates: int, count: int) -> float:
    """Return the variance of the expected outcome, of means of some of the replicates."""
    left = (luck.mean_variance - luck.expected_variance) * replicates / count
    # Where luck hides nearly all, what is left could be nothing or less, and indices any number.
    return max(float(means.var(ddof=1)) - left, _LEAST_LEFT * luck.expected_variance)


def _cleared(found: Any, name: str, bias: Floats, scale: float) -> tuple[Floats, Floats]:
    """Return indices without the luck that is in them, and half the width of their intervals.

    What is taken away is not known for sure either, which makes intervals wider.
    """
    index = (np.asarray(found[name], dtype=np.float64) - bias.mean(axis=0)) * scale
    unsure = _Z * bias.std(axis=0, ddof=1) / np.sqrt(len(bias))
    half = np.hypot(np.asarray(found[f"{name}_conf"], dtype=np.float64), unsure) * scale
    return index, half


def _whole(cube: Floats) -> Floats:
    return cube[~np.isnan(cube).any(axis=(1, 2))]


def _covariance(one: Floats, other: Floats) -> Floats:
    """Return covariances over the last axis, the replicates."""
    left = one - one.mean(axis=-1, keepdims=True)
    right = other - other.mean(axis=-1, keepdims=True)
    found: Floats = (left * right).sum(axis=-1) / (one.shape[-1] - 1)
    return found


def _depends(luck: Luck, means: Floats) -> bool:
    """Whether the expected outcome is seen to differ between points at all."""
    return luck.expected_variance > 1e-12 * max(float((means**2).mean()), 1e-300)


def _rows(keys: Sequence[str], luck: Luck, first: Floats, half: Floats) -> list[Row]:
    rest = 1.0 - luck.share
    rows: list[Row] = []
    for key, index, width in zip(keys, first, half, strict=True):
        shares = _share(float(index), float(width), luck)
        rows.append({"parameter": key} | shares | _interval("first_order", index, width))
    left = 1.0 - float(first.sum())
    rows.append({"parameter": INTERACTIONS, "share": left * rest, "first_order": left})
    return [*rows, {"parameter": LUCK} | _share_of_luck(luck)]


def _flat_rows(keys: Sequence[str], luck: Luck, names: Sequence[str]) -> list[Row]:
    """Return rows without indices, where luck hides whatever the keys may do."""
    empty = dict.fromkeys(("share", *names), np.nan)
    rows: list[Row] = [{"parameter": key} | empty for key in keys]
    return [*rows, {"parameter": LUCK} | _share_of_luck(luck)]


def _share(index: float, half: float, luck: Luck) -> Row:
    """Return a key's share of the variance of a run, as unsure as its index and as luck."""
    rest = 1.0 - luck.share
    low = np.hypot(half * rest, index * (luck.high - luck.share))
    high = np.hypot(half * rest, index * (luck.share - luck.low))
    middle = index * rest
    return {
        "share": middle,
        "share_low": float(middle - low),
        "share_high": float(middle + high),
    }


def _share_of_luck(luck: Luck) -> Row:
    return {"share": luck.share, "share_low": luck.low, "share_high": luck.high}


def _interval(name: str, middle: Any, half: Any) -> Row:
    return {
        name: float(middle),
        f"{name}_low": float(middle - half),
        f"{name}_high": float(middle + half),
    }
