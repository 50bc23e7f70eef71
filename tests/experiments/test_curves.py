"""Intervals of survival curves: what they cover where runs have points and seeds in common."""

from typing import Any

import numpy as np
import pytest
from numpy.random import default_rng  # noqa: TID251 - data for tests, not the model's

from sim.experiments.curves import kaplan_meier

FOLLOWED_DAYS = 3.0
SEEN_ON = (0.3, 1.0)
"""Days on which the share is compared with the true one."""


def places(points: int, seeds: int) -> tuple[Any, Any]:
    """The point and the seed of every run."""
    point, seed = np.indices((points, seeds))
    return point.ravel(), seed.ravel()


def times(random: Any, shape: tuple[int, int], spread: tuple[float, float]) -> Any:
    """Days until it comes about: exponential, longer or shorter by point and by seed."""
    of_points, of_seeds = (
        random.normal(0.0, sigma, size) for sigma, size in zip(spread, shape, strict=True)
    )
    mean = np.exp(of_points)[:, None] * np.exp(of_seeds)[None]
    return (mean * random.exponential(1.0, shape)).ravel()


def covered(
    points: int, seeds: int, spread: tuple[float, float], tries: int = 100
) -> tuple[float, float]:
    """The share of intervals that hold the true share, by block and for independent runs."""
    random = default_rng(11)
    truth = times(random, (200_000, 1), (spread[0], 0.0))
    truth = truth * np.exp(random.normal(0.0, spread[1], truth.size))
    held = np.zeros(2)
    for _ in range(tries):
        days = times(random, (points, seeds), spread)
        came, days = days < FOLLOWED_DAYS, np.minimum(days, FOLLOWED_DAYS)
        for way, blocks in enumerate((places(points, seeds), ())):
            curve = kaplan_meier(days, came, blocks)
            for day in SEEN_ON:
                step = np.searchsorted(curve.days, day, side="right") - 1
                held[way] += curve.low[step] <= (truth > day).mean() <= curve.high[step]
    by_block, independent = held / (tries * len(SEEN_ON))
    return float(by_block), float(independent)


# Of 100 curves; the two days of a curve are alike, so that shares are known to about 0.05.
# Those of 600 curves stand at the top of sim/experiments/curves.py.
@pytest.mark.parametrize(
    ("points", "seeds", "spread", "independent"),
    [
        pytest.param(10, 8, (1.5, 0.5), 0.68, id="points that differ much"),
        pytest.param(5, 50, (1.5, 0.3), 0.30, id="few points, many seeds"),
        pytest.param(20, 4, (1.5, 0.0), 0.80, id="many points, few seeds"),
        pytest.param(100, 2, (1.0, 0.5), 0.54, id="two seeds"),
    ],
)
def test_intervals_cover_what_they_promise(
    points: int, seeds: int, spread: tuple[float, float], independent: float
) -> None:
    by_block, as_if_independent = covered(points, seeds, spread)

    assert by_block >= 0.87
    assert as_if_independent == pytest.approx(independent, abs=0.12)


def test_runs_that_have_nothing_in_common_have_intervals_little_wider() -> None:
    by_block, independent = covered(10, 8, (0.0, 0.0))

    assert independent >= 0.92
    assert by_block >= independent


def test_where_every_run_is_a_block_the_variance_is_that_of_greenwood() -> None:
    from statsmodels.duration.survfunc import SurvfuncRight

    days = default_rng(4).integers(1, 9, 60).astype(float)
    came = default_rng(5).random(60) < 0.7
    curve = kaplan_meier(days, came, [np.arange(60)])
    theirs = SurvfuncRight(days, came.astype(int))
    middle = (curve.share > 0.0) & (curve.share < 1.0)
    power = 1.959964 * theirs.surv_prob_se[middle] / (curve.share * np.log(curve.share))[middle]

    assert middle.any()
    assert curve.low[middle] == pytest.approx(curve.share[middle] ** np.exp(-power))
    assert curve.high[middle] == pytest.approx(curve.share[middle] ** np.exp(power))


def test_runs_in_pairs_that_are_alike_count_half() -> None:
    """Each run twice says no more than each run once, but for the degrees of freedom."""
    days = default_rng(6).exponential(1.0, 400)
    once = kaplan_meier(days, np.ones(400, bool))
    twice = kaplan_meier(np.repeat(days, 2), np.ones(800, bool), [np.repeat(np.arange(400), 2)])

    assert twice.share == pytest.approx(once.share)
    assert twice.low[20:-20] == pytest.approx(once.low[20:-20], abs=0.002)
    assert twice.high[20:-20] == pytest.approx(once.high[20:-20], abs=0.002)


def test_it_does_not_matter_how_blocks_are_numbered() -> None:
    random = default_rng(7)
    days, came = random.exponential(1.0, 60), random.random(60) < 0.8
    point, seed = places(6, 10)

    one = kaplan_meier(days, came, [point, seed])
    other = kaplan_meier(days, came, [100 - seed, 7 * point + 3])

    assert other.low == pytest.approx(one.low)
    assert other.high == pytest.approx(one.high)


@pytest.mark.parametrize("blocks", [[], [[0, 0, 1, 1, 2, 2]], [[0, 0, 1, 1, 2, 2], [0, 1] * 3]])
def test_bounds_lie_about_the_share(blocks: list[list[int]]) -> None:
    days = np.array([1.0, 2.0, 2.0, 3.0, 4.0, 5.0])
    came = np.array([True, True, True, True, False, True])
    curve = kaplan_meier(days, came, [np.array(each) for each in blocks])

    assert (curve.low <= curve.share).all()
    assert (curve.share <= curve.high).all()
    assert curve.share[-1] == curve.low[-1] == 0.0
