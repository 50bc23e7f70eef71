"""Intervals hold what they promise: known answers, and coverage on simulated pairs."""

import math

import numpy as np
import pytest
from numpy.random import Generator, default_rng  # noqa: TID251 - data for tests, not the model's
from numpy.typing import NDArray

from sim.experiments.intervals import (
    MOST_REPLICATES_NEEDED,
    mean_interval,
    ratio_interval,
    replicates_needed,
    share_better,
    variance_ratio,
)

Floats = NDArray[np.float64]
TRIALS = 4000
PAIRS = 20


def of(*values: float) -> Floats:
    return np.array(values, np.float64)


def luck(seed: int) -> Generator:
    return default_rng(seed)


def covered(intervals: list[tuple[float, float]], truth: float) -> float:
    """Share of intervals that hold the truth."""
    return float(np.mean([low <= truth <= high for low, high in intervals]))


# --- means


def test_the_interval_of_three_differences_by_hand() -> None:
    # Mean 2, standard error 1/sqrt(3), quantile of Student's t with two degrees 4.302653.
    found = mean_interval(of(1.0, 2.0, 3.0))

    assert found.mean == 2.0
    assert (found.low, found.high) == pytest.approx((2 - 2.4841377, 2 + 2.4841377))
    assert found.width == pytest.approx(2 * 2.4841377)
    assert not found.excludes_zero


def test_a_wider_interval_is_surer() -> None:
    values = of(1.0, 2.0, 3.0, 5.0)

    assert mean_interval(values, 0.99).width > mean_interval(values, 0.9).width


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_the_stated_share_of_intervals_covers_a_normal_mean(confidence: float) -> None:
    draws = luck(1).normal(3.0, 2.0, (TRIALS, PAIRS))
    found = [mean_interval(row, confidence) for row in draws]

    share = covered([(each.low, each.high) for each in found], 3.0)
    # Four standard errors of the share itself.
    assert share == pytest.approx(confidence, abs=4 * math.sqrt(confidence * 0.2 / TRIALS))


def test_the_stated_share_covers_the_difference_of_pairs_with_common_luck() -> None:
    common = luck(2).lognormal(0.0, 1.0, (TRIALS, PAIRS))
    base = common + luck(3).normal(0.0, 0.5, (TRIALS, PAIRS))
    variant = 1.1 * common + 0.4 + luck(4).normal(0.0, 0.5, (TRIALS, PAIRS))
    truth = 0.1 * math.exp(0.5) + 0.4
    found = [mean_interval(row) for row in variant - base]

    share = covered([(each.low, each.high) for each in found], truth)
    assert share == pytest.approx(0.95, abs=0.015)


def test_heavy_tails_cost_a_little_of_the_coverage() -> None:
    draws = luck(5).lognormal(0.0, 1.0, (TRIALS, PAIRS))
    found = [mean_interval(row) for row in draws]

    share = covered([(each.low, each.high) for each in found], math.exp(0.5))
    assert 0.84 < share < 0.95


def test_one_value_has_a_mean_and_no_interval() -> None:
    found = mean_interval(of(4.0))

    assert found.mean == 4.0
    assert math.isnan(found.low)
    assert math.isnan(found.high)
    assert not found.excludes_zero


def test_no_value_has_no_mean() -> None:
    assert all(math.isnan(part) for part in mean_interval(of()))


def test_differences_that_are_all_alike_leave_no_doubt() -> None:
    assert mean_interval(of(2.0, 2.0, 2.0)) == (2.0, 2.0, 2.0)


def test_differences_that_are_alike_but_for_rounding_leave_no_doubt() -> None:
    values = 1.4e7 + of(0.0, 2e-9, -2e-9)

    assert mean_interval(values).width == 0.0
    assert math.isnan(variance_ratio(np.zeros(3), values))
    assert replicates_needed(values, 1e-12) == 2


# --- ratios


def test_a_ratio_by_a_constant_is_the_interval_of_the_other_turned_over() -> None:
    effects = of(8.0, 10.0, 12.0, 10.0)
    ratio = ratio_interval(np.full(4, 100.0), effects)
    mean = mean_interval(effects)

    assert ratio.mean == pytest.approx(10.0)
    assert (ratio.low, ratio.high) == pytest.approx((100 / mean.high, 100 / mean.low))


def test_the_stated_share_covers_a_ratio() -> None:
    cost = luck(6).normal(50.0, 5.0, (TRIALS, PAIRS))
    effect = 0.1 * cost + luck(7).normal(5.0, 3.0, (TRIALS, PAIRS))
    found = [ratio_interval(*pair) for pair in zip(cost, effect, strict=True)]

    share = covered([(each.low, each.high) for each in found], 5.0)
    assert share == pytest.approx(0.95, abs=0.015)


def test_a_ratio_by_what_may_be_nothing_has_no_bounds() -> None:
    found = ratio_interval(np.full(3, 100.0), of(-1.0, 1.0, 3.0))

    assert found.mean == pytest.approx(100.0)
    assert math.isnan(found.low)
    assert math.isnan(found.high)


def test_a_ratio_by_nothing_is_not_known() -> None:
    assert math.isnan(ratio_interval(of(1.0, 1.0), of(0.0, 0.0)).mean)


def test_the_sign_of_cost_and_effect_together_does_not_matter() -> None:
    costs, effects = of(10.0, 12.0, 11.0), of(2.0, 2.5, 2.1)

    assert ratio_interval(-costs, -effects) == pytest.approx(ratio_interval(costs, effects))


# --- better, and how often


def test_ties_count_half() -> None:
    assert share_better(of(1.0, 0.0, -1.0, 2.0)) == 0.625
    assert math.isnan(share_better(of()))


def test_pairing_is_worth_what_the_variances_say() -> None:
    common = luck(8).normal(0.0, 3.0, 20_000)
    base = common + luck(9).normal(0.0, 1.0, common.size)
    variant = common + luck(10).normal(0.0, 1.0, common.size)

    # Twenty without pairing, two with it.
    assert variance_ratio(base, variant) == pytest.approx(10.0, rel=0.05)


def test_without_common_luck_pairing_is_worth_nothing() -> None:
    base, variant = luck(11).normal(0.0, 1.0, (2, 20_000))

    assert variance_ratio(base, variant) == pytest.approx(1.0, rel=0.05)


def test_pairs_that_differ_by_a_constant_need_no_more() -> None:
    assert variance_ratio(of(1.0, 2.0), of(3.0, 4.0)) == math.inf
    assert math.isnan(variance_ratio(of(1.0, 1.0), of(2.0, 2.0)))
    assert math.isnan(variance_ratio(of(1.0), of(2.0)))


# --- replicates needed


@pytest.mark.parametrize("width", [3.0, 1.0, 0.3, 0.05])
def test_the_replicates_needed_are_the_fewest_that_do(width: float) -> None:
    differences = luck(12).normal(0.0, 1.0, 30)
    needed = replicates_needed(differences, width)

    def width_of(count: int) -> float:
        # As many values as that with the same spread.
        centred = np.tile([-1.0, 1.0], (count + 1) // 2)[:count]
        scale = differences.std(ddof=1) / centred.std(ddof=1)
        return mean_interval(scale * centred).width

    assert width_of(needed) <= width
    assert needed == 2 or width_of(needed - 1) > width


def test_so_many_replicates_do_give_that_width() -> None:
    trial = luck(13)
    needed = replicates_needed(trial.normal(0.0, 1.0, 5000), 0.2)
    widths = [mean_interval(trial.normal(0.0, 1.0, needed)).width for _ in range(200)]

    assert float(np.mean(widths)) == pytest.approx(0.2, rel=0.03)


def test_what_does_not_vary_needs_two_and_what_nobody_can_run_is_bounded() -> None:
    assert replicates_needed(of(1.0, 1.0), 0.1) == 2
    assert replicates_needed(of(-1e9, 1e9), 1e-9) == MOST_REPLICATES_NEEDED
