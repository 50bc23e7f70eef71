"""Sensitivity indices of one outcome, by SALib, cleared of the luck that replicates still have.

SALib analyses the means of replicates. Luck that is left in a mean adds to its variance and to the
total index of every key. How much it adds is known from the replicates, pair of points by pair of
points, and is taken away; so the indices are those of the expected outcome, with two replicates or
with a hundred. No assumption is made about how luck acts at neighbouring points.

What a row holds
----------------
``share`` is what a key explains of the variance of a single run, ``total_share`` the same together
with all interactions it takes part in; the rows ``interactions`` and ``luck`` are what is left. The
indices ``first_order`` and ``total`` are shares of the variance of the expected outcome.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.experiments.extras import need
from sim.experiments.luck import Luck, luck_of
from sim.experiments.sensitivity_designs import MORRIS_LEVELS, Blocks, problem_of

LUCK: Final = "luck"
INTERACTIONS: Final = "interactions"
CONFIDENCE: Final = 0.95
HARMONICS: Final = 10
"""Harmonics that RBD-FAST adds up."""

_Z: Final = 1.959964
_RESAMPLES: Final = 400
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
    analyzer = need("SALib.analyze.sobol", "experiments")
    found = analyzer.analyze(
        problem_of(keys),
        means.ravel(),
        calc_second_order=False,
        num_resamples=_RESAMPLES,
        conf_level=CONFIDENCE,
        seed=_SEED,
    )
    variance = float(means[:, [0, -1]].var())
    step = crossed - base[:, None]
    shared = _covariance(np.broadcast_to(resampled[:, None], step.shape), step)
    # SALib takes the variance of means for that of the expected outcome.
    scale = variance / luck.expected_variance
    first, half = _cleared(found, "S1", shared / replicates / variance, scale)
    rows = _rows(keys, luck, first, half)
    noise = 0.5 * step.var(axis=2, ddof=1) / replicates / variance
    total, half = _cleared(found, "ST", noise, scale)
    for row, index, width in zip(rows, total, half, strict=False):
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
    analyzer = need("SALib.analyze.rbd_fast", "experiments")
    found = analyzer.analyze(
        problem_of(keys),
        codes[order],
        means[order],
        M=HARMONICS,
        num_resamples=_RESAMPLES,
        conf_level=CONFIDENCE,
        seed=_SEED,
    )
    scale = luck.mean_variance / luck.expected_variance
    first = np.asarray(found["S1"], dtype=float) * scale
    return Found(
        _rows(keys, luck, first, np.asarray(found["S1_conf"], dtype=float) * scale),
        luck,
        len(values),
    )


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
    analyzer = need("SALib.analyze.morris", "experiments")
    found = analyzer.analyze(
        problem_of(keys),
        places.reshape(-1, len(keys)),
        flat.mean(axis=1),
        num_resamples=_RESAMPLES,
        conf_level=CONFIDENCE,
        num_levels=MORRIS_LEVELS,
        seed=_SEED,
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
        row: Row = {"parameter": key} | _interval("mu_star", star, half)
        row |= {"mu": mu, "sigma": sigma, "luck_alone": scale * float(np.sqrt(noise * 2 / np.pi))}
        rows.append(row)
    rows.append({"parameter": LUCK} | _share_of_luck(luck))
    return Found(rows, luck, len(cube))


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
        shares = _interval("share", index * rest, width * rest)
        rows.append({"parameter": key} | shares | _interval("first_order", index, width))
    left = 1.0 - float(first.sum())
    rows.append({"parameter": INTERACTIONS, "share": left * rest, "first_order": left})
    return [*rows, {"parameter": LUCK} | _share_of_luck(luck)]


def _flat_rows(keys: Sequence[str], luck: Luck, names: Sequence[str]) -> list[Row]:
    """Return rows without indices, where luck hides whatever the keys may do."""
    empty = dict.fromkeys(("share", *names), np.nan)
    rows: list[Row] = [{"parameter": key} | empty for key in keys]
    return [*rows, {"parameter": LUCK} | _share_of_luck(luck)]


def _share_of_luck(luck: Luck) -> Row:
    return {"share": luck.share, "share_low": luck.low, "share_high": luck.high}


def _interval(name: str, middle: Any, half: Any) -> Row:
    return {
        name: float(middle),
        f"{name}_low": float(middle - half),
        f"{name}_high": float(middle + half),
    }
